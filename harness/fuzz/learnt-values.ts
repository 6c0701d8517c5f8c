/**
 * What the answers of a cluster have told: ids and uuids, the newest first. Values of the fuzzer's own (its frameworks,
 * its agents) are kept apart from those of others, because some messages may only be about itself: a scheduler that
 * subscribes with the id of another takes it over, and an agent that registers as another replaces it, as they should.
 */

import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { type FuzzSchema, shapeOf } from "./message-schema.ts";
import type { Learnt, Resolve } from "./message-tree.ts";
import { idMessages } from "./plain-messages.ts";

/** Enough to choose from; older ones stand for what is gone. */
const keptMax = 24;

/** Deeper than any answer. */
const depthMax = 40;

const uuidKind = "uuid";
const allocationMessage = "mesos.v1.Resource.AllocationInfo";

/** In the place of what nobody has told yet. */
const defaults: ReadonlyMap<string, string | Uint8Array> = new Map<string, string | Uint8Array>([
  [uuidKind, new Uint8Array(16).fill(1)],
  ["role", "*"],
]);

export class LearntValues {
  readonly #schema: FuzzSchema;
  readonly #own = new Map<string, (string | Uint8Array)[]>();
  readonly #foreign = new Map<string, (string | Uint8Array)[]>();
  #invented = 0;

  constructor(schema: FuzzSchema) {
    this.#schema = schema;
  }

  /** Reads an answer of this type. `own`: it was told to the fuzzer about itself. */
  learn(messageName: string, bytes: Uint8Array, own: boolean): void {
    this.#walk(messageName, new BinaryReader(bytes), own, depthMax);
  }

  /** Makes this the newest of its kind. */
  add(what: string, value: string | Uint8Array, own: boolean): void {
    const values = own ? this.#own : this.#foreign;
    const known = values.get(what) ?? [];
    values.set(what, [value, ...known.filter((one) => !isSame(one, value))].slice(0, keptMax));
  }

  newest(what: string): string | Uint8Array | undefined {
    return this.#own.get(what)?.[0];
  }

  /** How to fill in what is learnt. With `taboo` for messages that may only be about the fuzzer itself: never what is in there. */
  resolver(taboo: ReadonlySet<string> | undefined): Resolve {
    return (learnt) => this.#resolve(learnt, taboo);
  }

  #resolve({ what, own, index }: Learnt, taboo: ReadonlySet<string> | undefined): string | Uint8Array {
    const values = (own || taboo !== undefined ? undefined : this.#foreign.get(what)) ?? this.#own.get(what) ?? [];
    const known = taboo === undefined ? values : values.filter((value) => typeof value !== "string" || !taboo.has(value));
    // The first positions are the newest, which are the ones that mean something; new names are needed, too.
    const isName = what === "mesos.v1.TaskID" || what === "mesos.v1.OperationID" || what === "mesos.v1.ExecutorID";
    if (isName && index % 2 === 1) return this.#invent(what);
    return known[Math.floor(index / 2)] ?? known[0] ?? defaults.get(what) ?? `unknown-${index}`;
  }

  #invent(what: string): string {
    const name = `fuzz-${++this.#invented}`;
    this.add(what, name, true);
    return name;
  }

  #walk(messageName: string, reader: BinaryReader, own: boolean, depth: number): void {
    const fields = new Map(shapeOf(this.#schema, messageName).fields.map((field) => [field.number, field]));
    const isId = idMessages.includes(messageName);
    while (reader.pos < reader.len) {
      const [number, wireType] = reader.tag();
      const field = fields.get(number);
      if (wireType !== WireType.LengthDelimited || field === undefined) reader.skip(wireType, number);
      else if (messageName === allocationMessage && field.name === "role") this.add("role", reader.string(), own);
      else if (isId && field.name === "value") this.add(messageName, reader.string(), own);
      else if (field.type === "bytes" && field.name === "uuid") this.add(uuidKind, reader.bytes().slice(), own);
      else if (field.type === "message" && depth > 0) this.#walk(field.typeName, new BinaryReader(reader.bytes()), own, depth - 1);
      else reader.skip(wireType, number);
    }
  }
}

function isSame(left: string | Uint8Array, right: string | Uint8Array): boolean {
  if (typeof left === "string" || typeof right === "string") return left === right;
  return Buffer.compare(left, right) === 0;
}

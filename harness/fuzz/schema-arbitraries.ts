/**
 * Messages drawn along the schema: required fields, some optional ones, a few of repeated ones, with values that are
 * plain or hostile in a given proportion. They are coherent more often than not (a Call's `type` comes with the field
 * that it names), because a message that is refused at once tests little.
 */

import fc from "fast-check";
import {
  flag,
  hostileBlob,
  hostileDouble,
  hostileEnum,
  hostileInteger,
  hostileText,
  plainBlob,
  plainDouble,
  plainInteger,
  plainText,
} from "./hostile-values.ts";
import { type FieldShape, type FuzzSchema, type MessageShape, shapeOf } from "./message-schema.ts";
import type { MessageTree, TreeField, TreeValue } from "./message-tree.ts";
import { learnt, plainMessages } from "./plain-messages.ts";

/** Messages within messages that are drawn, required ones aside; deeper nesting is a mutation's work. */
const depthMax = 7;

/** How often an optional field is left out, to how often it is there: most of a large message is left out. */
const usualWeights = { absent: 5, present: 2 };

/** Fields of small messages are there every other time. */
const smallWeights = { absent: 1, present: 1 };
const smallMaxFields = 4;

/** How often a message is drawn along the schema, to 100 times that it is taken as a working peer writes it. */
const drawnWeight = 30;

/** Kinds that are drawn more often than others: tasks and operations are made by ACCEPT alone. */
const armWeights: ReadonlyMap<string, number> = new Map([
  ["ACCEPT", 15],
  ["LAUNCH", 10],
  ["KILL", 8],
  ["ACKNOWLEDGE", 6],
  ["RECONCILE", 5],
  // It leaves nothing to act on.
  ["TEARDOWN", 1],
]);
const armWeight = 3;

/** Optional fields without which a message means nothing are left out seldom. */
const vitalWeights = { absent: 1, present: 12 };
const vitalNames: ReadonlySet<string> = new Set([
  "offer_ids",
  "operations",
  "task_infos",
  "status",
  "info",
  "framework",
  "task",
  "uuid",
  "agent_id",
  "task_id",
]);

/** How many of 100 plain values are hostile instead. */
export type Hostility = 0 | 10 | 50;

export class SchemaArbitraries {
  readonly #schema: FuzzSchema;
  readonly #known = new Map<string, fc.Arbitrary<MessageTree>>();

  constructor(schema: FuzzSchema) {
    this.#schema = schema;
  }

  /** A message by its full name. */
  message(name: string, hostility: Hostility): fc.Arbitrary<MessageTree> {
    return this.#message(name, hostility, depthMax);
  }

  #message(name: string, hostility: Hostility, depth: number): fc.Arbitrary<MessageTree> {
    const key = `${name} ${hostility} ${depth}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const made = this.#make(shapeOf(this.#schema, name), hostility, depth);
    this.#known.set(key, made);
    return made;
  }

  #make(shape: MessageShape, hostility: Hostility, depth: number): fc.Arbitrary<MessageTree> {
    const plain = plainMessages.get(shape.name);
    const coherent =
      this.#batch(shape, hostility, depth) ?? this.#oneOf(shape, hostility, depth) ?? this.#coherent(shape, hostility, depth);
    const drawn = coherent ?? this.#fields(shape.fields, hostility, depth);
    if (plain === undefined) return drawn;
    return fc.oneof({ weight: 100 - hostility, arbitrary: plain }, { weight: drawnWeight + hostility, arbitrary: drawn });
  }

  /** Messages that only hold others: an empty one says nothing. */
  #batch({ fields: [field, ...others] }: MessageShape, hostility: Hostility, depth: number): fc.Arbitrary<MessageTree> | undefined {
    if (field?.label !== "repeated" || field.type !== "message" || others.length > 0 || depth <= 1) return undefined;
    const one = this.#field({ ...field, label: "required" }, hostility, depth);
    return fc.array(one, { minLength: hostility === 0 ? 1 : 0, maxLength: 3 }).map((parts) => parts.flat());
  }

  /** Messages that are one of several others. */
  #oneOf({ fields }: MessageShape, hostility: Hostility, depth: number): fc.Arbitrary<MessageTree> | undefined {
    if (fields.length === 0 || depth <= 1 || !fields.every(({ oneof }) => oneof === 0)) return undefined;
    const arms = fields.map((field) => this.#field({ ...field, label: "required" }, hostility, depth));
    return fc.oneof(
      { weight: 100, arbitrary: fc.oneof(...arms) },
      { weight: hostility, arbitrary: this.#fields(fields, hostility, depth) },
    );
  }

  /** Messages with a `type` whose values name the other fields: the one that is named is always there. */
  #coherent(shape: MessageShape, hostility: Hostility, depth: number): fc.Arbitrary<MessageTree> | undefined {
    const type = shape.fields.find((field) => field.name === "type" && field.type === "enum");
    const values = type === undefined ? undefined : this.#schema.enums.get(type.typeName);
    if (type === undefined || values === undefined || depth <= 1) return undefined;
    const byName = new Map(shape.fields.map((field) => [field.name, field]));
    if (![...values.keys()].some((name) => byName.get(name.toLowerCase())?.type === "message")) return undefined;
    const common = shape.fields.filter((field) => field !== type && !values.has(field.name.toUpperCase()));
    const arms = [...values].map(([name, number]) => {
      const typeField = fc.constant<MessageTree>([toField(type, { kind: "varint", value: BigInt(number) })]);
      const arm = byName.get(name.toLowerCase());
      const armField = arm === undefined ? fc.constant<MessageTree>([]) : this.#field({ ...arm, label: "required" }, hostility, depth);
      // What all calls share is an id or two, and few calls mean anything without it.
      const shared = common.map((field) =>
        this.#field(field.name.endsWith("_id") ? { ...field, label: "required" } : field, hostility, depth),
      );
      return {
        weight: armWeights.get(name) ?? armWeight,
        arbitrary: fc.tuple(typeField, armField, ...shared).map((parts) => parts.flat()),
      };
    });
    const coherent = fc.oneof(...arms);
    const loose = this.#fields(shape.fields, hostility, depth);
    return fc.oneof({ weight: 100 - hostility, arbitrary: coherent }, { weight: hostility, arbitrary: loose });
  }

  #fields(fields: readonly FieldShape[], hostility: Hostility, depth: number): fc.Arbitrary<MessageTree> {
    const weights = fields.length <= smallMaxFields ? smallWeights : usualWeights;
    return fc.tuple(...fields.map((field) => this.#field(field, hostility, depth, weights))).map((parts) => parts.flat());
  }

  #field(field: FieldShape, hostility: Hostility, depth: number, usual = usualWeights): fc.Arbitrary<MessageTree> {
    if (field.type === "message" && depth <= 1 && field.label !== "required") return nothing;
    const present = this.#value(field, hostility, depth).map((value): MessageTree => [toField(field, value)]);
    if (field.label === "required") return present;
    const some = field.label === "repeated" ? fc.array(present, { minLength: 1, maxLength: 3 }).map((parts) => parts.flat()) : present;
    const weights = vitalNames.has(field.name) || field.name.endsWith("framework_id") ? vitalWeights : usual;
    return fc.oneof(
      { withCrossShrink: true },
      { weight: weights.absent, arbitrary: nothing },
      { weight: weights.present, arbitrary: some },
    );
  }

  #value(field: FieldShape, hostility: Hostility, depth: number): fc.Arbitrary<TreeValue> {
    if (field.type === "message") {
      return this.#message(field.typeName, hostility, Math.max(0, depth - 1)).map((fields) => ({ kind: "message", fields }));
    }
    const [plain, hostile] = this.#scalars(field);
    return fc.oneof({ weight: 100 - hostility, arbitrary: plain }, { weight: hostility, arbitrary: hostile });
  }

  #scalars(field: FieldShape): readonly [plain: fc.Arbitrary<TreeValue>, hostile: fc.Arbitrary<TreeValue>] {
    switch (field.type) {
      case "string":
        return [plainText, hostileText];
      case "bytes":
        return [field.name === "uuid" ? learnt("uuid") : plainBlob, hostileBlob];
      case "bool":
        return [flag, hostileInteger];
      case "enum": {
        const values = [...(this.#schema.enums.get(field.typeName)?.values() ?? [0])];
        return [fc.constantFrom(...values).map((value) => ({ kind: "varint", value: BigInt(value) })), hostileEnum];
      }
      case "double":
        return [plainDouble, hostileDouble];
      case "float":
      case "fixed32":
      case "sfixed32":
        return [
          fc.constant({ kind: "fixed32", value: 1 }),
          fc.constantFrom(0, -1, 0x7fc00000).map((value) => ({ kind: "fixed32", value })),
        ];
      case "fixed64":
      case "sfixed64":
        return [fc.constant({ kind: "fixed64", value: 1n }), fc.constantFrom(0n, -1n).map((value) => ({ kind: "fixed64", value }))];
      default:
        return [plainInteger, hostileInteger];
    }
  }
}

const nothing: fc.Arbitrary<MessageTree> = fc.constant([]);

function toField({ number, name }: FieldShape, value: TreeValue): TreeField {
  return { number, name, value };
}

/** Reflection hands out the contract as it was compiled: a client that knows nothing can build every message from it. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { type FileDescriptorProto, FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { describe, it } from "mocha";

import { createReflection } from "../../../runtime/grpc/reflection.ts";

const descriptors = Uint8Array.from(readFileSync(new URL("../../../protos/gen/descriptors.binpb", import.meta.url)));
const answer = createReflection({ services: ["tepui.v1.Scheduler", "tepui.v1.AgentLink"], descriptors });

/** The fields of a message that has only length-delimited and varint ones. */
function fieldsOf(bytes: Uint8Array): Map<number, (Uint8Array | number)[]> {
  const reader = new BinaryReader(bytes);
  const fields = new Map<number, (Uint8Array | number)[]>();
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    const value = wireType === WireType.Varint ? reader.int32() : reader.bytes();
    fields.set(field, [...(fields.get(field) ?? []), value]);
  }
  return fields;
}

function ask(field: number, name: string): Map<number, (Uint8Array | number)[]> {
  const request = new BinaryWriter().tag(field, WireType.LengthDelimited).string(name).finish();
  const response = answer(request);
  assert.ok(response !== undefined);
  const fields = fieldsOf(response);
  assert.deepEqual(fields.get(2), [request], "the request comes back");
  return fields;
}

function part(fields: Map<number, (Uint8Array | number)[]>, field: number): Map<number, (Uint8Array | number)[]> {
  const bytes = fields.get(field)?.[0];
  assert.ok(bytes instanceof Uint8Array, `field ${field} is not in the answer`);
  return fieldsOf(bytes);
}

function filesOf(fields: Map<number, (Uint8Array | number)[]>): FileDescriptorProto[] {
  return (part(fields, 4).get(1) ?? []).map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes as Uint8Array));
}

function errorOf(fields: Map<number, (Uint8Array | number)[]>): { code: unknown; message: string } {
  const error = part(fields, 7);
  return { code: error.get(1)?.[0], message: new TextDecoder().decode(error.get(2)?.[0] as Uint8Array) };
}

describe("reflection", () => {
  it("lists the services that it was given", () => {
    const names = (part(ask(7, "*"), 6).get(1) ?? []).map((one) =>
      new TextDecoder().decode(fieldsOf(one as Uint8Array).get(1)?.[0] as Uint8Array),
    );
    assert.deepEqual(names, ["tepui.v1.Scheduler", "tepui.v1.AgentLink"]);
  });

  it("gives the file of a service, of a method, of a nested message and of a value, each with all imports", () => {
    const symbols = new Map([
      ["tepui.v1.Scheduler", "tepui/v1/scheduler_service.proto"],
      ["tepui.v1.Scheduler.Calls", "tepui/v1/scheduler_service.proto"],
      ["mesos.v1.scheduler.Call.Accept", "mesos/v1/scheduler/scheduler.proto"],
      ["mesos.v1.TASK_LOST", "mesos/v1/mesos.proto"],
    ]);
    for (const [symbol, fileName] of symbols) {
      const files = filesOf(ask(4, symbol));
      assert.equal(files[0]?.name, fileName);
      const names = new Set(files.map(({ name }) => name));
      for (const file of files) for (const name of file.dependency) assert.ok(names.has(name), `${file.name} imports ${name}`);
    }
  });

  it("keeps syntax, required fields and defaults", () => {
    const files = filesOf(ask(3, "mesos/v1/mesos.proto"));
    const set = fromBinary(FileDescriptorSetSchema, descriptors);
    assert.deepEqual(
      files[0],
      set.file.find(({ name }) => name === "mesos/v1/mesos.proto"),
    );
  });

  it("is enough to build every message of every service", () => {
    const files = new Map(
      ["tepui.v1.Scheduler", "tepui.v1.AgentLink"].flatMap((name) => filesOf(ask(4, name)).map((file) => [file.name, file])),
    );
    const registry = createFileRegistry({ $typeName: "google.protobuf.FileDescriptorSet", file: inOrder(files) });
    assert.equal(registry.getService("tepui.v1.Scheduler")?.method["subscribe"]?.output.typeName, "mesos.v1.scheduler.Event");
    assert.ok(registry.getMessage("tepui.v1.AgentMessages"));
  });

  it("says what it does not know, and that nothing was asked", () => {
    assert.deepEqual(errorOf(ask(3, "no.proto")), { code: 5, message: 'no file "no.proto"' });
    assert.deepEqual(errorOf(ask(4, "no.Symbol")), { code: 5, message: 'no symbol "no.Symbol"' });
    assert.deepEqual(errorOf(ask(6, "no.Type")), { code: 5, message: 'no type "no.Type"' });
    assert.equal(errorOf(ask(9, "from the future")).code, 3);
  });

  it("refuses bytes that are no request", () => {
    assert.equal(answer(Uint8Array.of(0x3a, 0x7f)), undefined);
    assert.equal(answer(Uint8Array.of(0x2a, 0x02, 0x0a, 0x7f)), undefined);
  });
});

/** Imports before those who import them, as registries want it. */
function inOrder(files: ReadonlyMap<string, FileDescriptorProto>): FileDescriptorProto[] {
  const ordered = new Set<FileDescriptorProto>();
  const visit = (file: FileDescriptorProto | undefined): void => {
    if (file === undefined || ordered.has(file)) return;
    for (const name of file.dependency) visit(files.get(name));
    ordered.add(file);
  };
  for (const file of files.values()) visit(file);
  return [...ordered];
}

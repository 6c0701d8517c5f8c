/**
 * What can be sent to a node, read from the compiled descriptors that reflection serves, too: every message with its
 * fields, every enum with its names, every RPC. A message that is added to a .proto file is fuzzed without further ado.
 */

import { fromBinary, isFieldSet } from "@bufbuild/protobuf";
import {
  type DescriptorProto,
  type EnumDescriptorProto,
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FieldDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt";
import { assertDefined } from "../../common/assert.ts";

export interface FieldShape {
  readonly number: number;
  readonly name: string;
  readonly label: "optional" | "required" | "repeated";
  /** Lower-case name of the protobuf type: "int32", "string", "message", "enum", ... */
  readonly type: string;
  /** Full name of the message or enum; empty for a plain type. */
  readonly typeName: string;
  /** Of fields with the same number here, a message has one. */
  readonly oneof?: number;
}

export interface MessageShape {
  readonly name: string;
  readonly fields: readonly FieldShape[];
}

export type RpcKind = "unary" | "serverStream" | "bidi";

export interface Rpc {
  readonly service: string;
  readonly method: string;
  /** "/tepui.v1.Scheduler/Call" */
  readonly path: string;
  readonly kind: RpcKind;
  /** Full name of the message that it takes. */
  readonly input: string;
  /** Full name of the message that it answers. */
  readonly output: string;
}

export interface FuzzSchema {
  readonly messages: ReadonlyMap<string, MessageShape>;
  /** Values by name, of each enum. */
  readonly enums: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly rpcs: readonly Rpc[];
}

/** Reads a serialised google.protobuf.FileDescriptorSet. Throws on other bytes. */
export function readSchema(descriptors: Uint8Array): FuzzSchema {
  const messages = new Map<string, MessageShape>(reflectionMessages.map((shape) => [shape.name, shape]));
  const enums = new Map<string, ReadonlyMap<string, number>>();
  const rpcs = new Map<string, Rpc>();
  const addEnum = (scope: string, { name, value }: EnumDescriptorProto): void => {
    enums.set(`${scope}.${name}`, new Map(value.map((one) => [one.name, one.number])));
  };
  const addMessage = (scope: string, message: DescriptorProto): void => {
    const name = `${scope}.${message.name}`;
    messages.set(name, { name, fields: message.field.map(toShape) });
    for (const one of message.enumType) addEnum(name, one);
    for (const one of message.nestedType) addMessage(name, one);
  };
  for (const file of fromBinary(FileDescriptorSetSchema, descriptors).file) {
    for (const one of file.enumType) addEnum(file.package, one);
    for (const one of file.messageType) addMessage(file.package, one);
    for (const service of file.service) {
      for (const method of service.method) {
        const names = { service: `${file.package}.${service.name}`, method: method.name };
        const path = `/${names.service}/${names.method}`;
        const kind = method.clientStreaming ? "bidi" : method.serverStreaming ? "serverStream" : "unary";
        rpcs.set(path, { ...names, path, kind, input: method.inputType.slice(1), output: method.outputType.slice(1) });
      }
    }
  }
  return { messages, enums, rpcs: [...rpcs.values(), reflectionRpc] };
}

/** The shape of a message that a field or an RPC names. */
export function shapeOf(schema: FuzzSchema, name: string): MessageShape {
  return assertDefined(schema.messages.get(name), `shape of ${name}`);
}

function toShape(field: DescriptorProto["field"][number]): FieldShape {
  return {
    number: field.number,
    name: field.name,
    label: FieldDescriptorProto_Label[field.label].toLowerCase() as FieldShape["label"],
    type: FieldDescriptorProto_Type[field.type].toLowerCase(),
    typeName: field.typeName.slice(1),
    ...(isFieldSet(field, FieldDescriptorProtoSchema.field.oneofIndex) && !field.proto3Optional ? { oneof: field.oneofIndex } : {}),
  };
}

/** Reflection does not describe itself: these are the messages of grpc/reflection/v1/reflection.proto that a client sends. */
const reflectionRequest = "grpc.reflection.v1.ServerReflectionRequest";
const extensionRequest = "grpc.reflection.v1.ExtensionRequest";
const reflectionResponse = "grpc.reflection.v1.ServerReflectionResponse";

const reflectionMessages: readonly MessageShape[] = [
  {
    name: reflectionRequest,
    fields: [
      ...["host", "", "file_by_filename", "file_containing_symbol"].flatMap((name, index) => (name === "" ? [] : [text(index + 1, name)])),
      { number: 5, name: "file_containing_extension", label: "optional", type: "message", typeName: extensionRequest },
      text(6, "all_extension_numbers_of_type"),
      text(7, "list_services"),
    ],
  },
  {
    name: extensionRequest,
    fields: [text(1, "containing_type"), { number: 2, name: "extension_number", label: "optional", type: "int32", typeName: "" }],
  },
  { name: reflectionResponse, fields: [] },
];

const reflectionRpc: Rpc = {
  service: "grpc.reflection.v1.ServerReflection",
  method: "ServerReflectionInfo",
  path: "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
  kind: "bidi",
  input: reflectionRequest,
  output: reflectionResponse,
};

function text(number: number, name: string): FieldShape {
  return { number, name, label: "optional", type: "string", typeName: "" };
}

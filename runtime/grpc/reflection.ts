/**
 * Server reflection, grpc.reflection.v1 and its older twin v1alpha, which have the same messages: tools such as grpcurl learn from
 * it what a server speaks. Nothing is indexed before somebody asks.
 */

import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

import { statusCodes } from "../../common/status-code.ts";
import { createDescriptorIndex, type DescriptorIndex } from "./descriptor-index.ts";

export const reflectionServices = ["grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"] as const;
export const reflectionMethod = "ServerReflectionInfo";

/** Numbers of the fields of ServerReflectionRequest. */
const requestFields = { host: 1, fileByName: 3, fileOfSymbol: 4, fileOfExtension: 5, extensionNumbers: 6, listServices: 7 } as const;

/** Numbers of the fields of ServerReflectionResponse. */
const responseFields = { validHost: 1, originalRequest: 2, files: 4, extensionNumbers: 5, services: 6, error: 7 } as const;

export interface ReflectionOptions {
  /** Full names of the services to list. */
  readonly services: readonly string[];
  /** A serialised google.protobuf.FileDescriptorSet. */
  readonly descriptors: Uint8Array;
}

interface Question {
  readonly host: string;
  /** Number of the last field that asks something; undefined when nothing was asked. */
  readonly field: number | undefined;
  /** A file, a symbol or a type. */
  readonly name: string;
}

/** Answers one serialised ServerReflectionRequest with a serialised ServerReflectionResponse, or undefined when it is none. */
export function createReflection({ services, descriptors }: ReflectionOptions): (request: Uint8Array) => Uint8Array | undefined {
  let index: DescriptorIndex | undefined;

  function answer({ field, name }: Question, writer: BinaryWriter): void {
    index ??= createDescriptorIndex(descriptors);
    switch (field) {
      case requestFields.listServices:
        writeServices(writer, services);
        break;
      case requestFields.fileByName:
        writeFiles(writer, index.byFileName(name), `no file "${name}"`);
        break;
      case requestFields.fileOfSymbol:
        writeFiles(writer, index.bySymbol(name), `no symbol "${name}"`);
        break;
      case requestFields.fileOfExtension:
        writeError(writer, statusCodes.NOT_FOUND, `"${name}" has no extensions`);
        break;
      case requestFields.extensionNumbers:
        if (index.bySymbol(name) === undefined) writeError(writer, statusCodes.NOT_FOUND, `no type "${name}"`);
        else writeNoExtensions(writer, name);
        break;
      default:
        writeError(writer, statusCodes.INVALID_ARGUMENT, "message_request must be set to one that this server knows");
    }
  }

  return (request) => {
    const question = readQuestion(request);
    if (question === undefined) return undefined;
    const writer = new BinaryWriter();
    writer.tag(responseFields.validHost, WireType.LengthDelimited).string(question.host);
    writer.tag(responseFields.originalRequest, WireType.LengthDelimited).bytes(request);
    answer(question, writer);
    return writer.finish();
  };
}

function readQuestion(request: Uint8Array): Question | undefined {
  let question: Question = { host: "", field: undefined, name: "" };
  try {
    const reader = new BinaryReader(request);
    while (reader.pos < reader.len) {
      const [field, wireType] = reader.tag();
      if (wireType !== WireType.LengthDelimited) reader.skip(wireType, field);
      else if (field === requestFields.host) question = { ...question, host: reader.string() };
      else if (field === requestFields.fileOfExtension) question = { ...question, field, name: readContainingType(reader.bytes()) };
      else if (field >= requestFields.fileByName && field <= requestFields.listServices) {
        question = { ...question, field, name: reader.string() };
      } else reader.skip(wireType, field);
    }
  } catch {
    return undefined;
  }
  return question;
}

/** ExtensionRequest: string containing_type = 1, int32 extension_number = 2. */
function readContainingType(bytes: Uint8Array): string {
  const reader = new BinaryReader(bytes);
  let name = "";
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === 1 && wireType === WireType.LengthDelimited) name = reader.string();
    else reader.skip(wireType, field);
  }
  return name;
}

/** ListServiceResponse: repeated ServiceResponse service = 1; ServiceResponse: string name = 1. */
function writeServices(writer: BinaryWriter, services: readonly string[]): void {
  writer.tag(responseFields.services, WireType.LengthDelimited).fork();
  for (const name of services) {
    writer.tag(1, WireType.LengthDelimited).fork();
    writer.tag(1, WireType.LengthDelimited).string(name);
    writer.join();
  }
  writer.join();
}

/** FileDescriptorResponse: repeated bytes file_descriptor_proto = 1. */
function writeFiles(writer: BinaryWriter, files: readonly Uint8Array[] | undefined, problem: string): void {
  if (files === undefined) {
    writeError(writer, statusCodes.NOT_FOUND, problem);
    return;
  }
  writer.tag(responseFields.files, WireType.LengthDelimited).fork();
  for (const bytes of files) writer.tag(1, WireType.LengthDelimited).bytes(bytes);
  writer.join();
}

/** ExtensionNumberResponse: string base_type_name = 1, repeated int32 extension_number = 2. */
function writeNoExtensions(writer: BinaryWriter, typeName: string): void {
  writer.tag(responseFields.extensionNumbers, WireType.LengthDelimited).fork();
  writer.tag(1, WireType.LengthDelimited).string(typeName);
  writer.join();
}

/** ErrorResponse: int32 error_code = 1, string error_message = 2. */
function writeError(writer: BinaryWriter, code: number, message: string): void {
  writer.tag(responseFields.error, WireType.LengthDelimited).fork();
  writer.tag(1, WireType.Varint).int32(code);
  writer.tag(2, WireType.LengthDelimited).string(message);
  writer.join();
}

/**
 * Which file of a FileDescriptorSet declares which name, for reflection. Files are handed out byte for byte as the compiler
 * wrote them: syntax, labels, defaults and imports included.
 */

import { fromBinary } from "@bufbuild/protobuf";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import {
  type DescriptorProto,
  type EnumDescriptorProto,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
} from "@bufbuild/protobuf/wkt";

interface IndexedFile {
  readonly bytes: Uint8Array;
  readonly imports: readonly string[];
}

export interface DescriptorIndex {
  /** A file and, after it, all that it imports, near and far; undefined when there is no such file. */
  byFileName(name: string): readonly Uint8Array[] | undefined;
  /** The same for the file that declares a message, field, enum, value, service or method, by its full name without a leading dot. */
  bySymbol(name: string): readonly Uint8Array[] | undefined;
}

/** `set` is a serialised google.protobuf.FileDescriptorSet. Throws on other bytes. */
export function createDescriptorIndex(set: Uint8Array): DescriptorIndex {
  const files = new Map<string, IndexedFile>();
  const fileNames = new Map<string, string>();
  for (const bytes of filesOf(set)) {
    const file = fromBinary(FileDescriptorProtoSchema, bytes);
    if (files.has(file.name)) continue;
    files.set(file.name, { bytes, imports: file.dependency });
    for (const symbol of symbolsOf(file)) fileNames.set(symbol, file.name);
  }

  function byFileName(name: string): readonly Uint8Array[] | undefined {
    if (!files.has(name)) return undefined;
    const found = new Map<string, Uint8Array>();
    const wanted = [name];
    for (const one of wanted) {
      const file = files.get(one);
      if (file === undefined || found.has(one)) continue;
      found.set(one, file.bytes);
      wanted.push(...file.imports);
    }
    return [...found.values()];
  }

  return {
    byFileName,
    bySymbol: (name) => {
      const fileName = fileNames.get(name);
      return fileName === undefined ? undefined : byFileName(fileName);
    },
  };
}

/** FileDescriptorSet has one field: repeated FileDescriptorProto file = 1. */
function filesOf(set: Uint8Array): Uint8Array[] {
  const reader = new BinaryReader(set);
  const files: Uint8Array[] = [];
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === 1 && wireType === WireType.LengthDelimited) files.push(reader.bytes());
    else reader.skip(wireType, field);
  }
  return files;
}

function symbolsOf(file: FileDescriptorProto): string[] {
  const scope = file.package === "" ? "" : `${file.package}.`;
  const services = file.service.flatMap(({ name, method }) => [`${scope}${name}`, ...method.map((one) => `${scope}${name}.${one.name}`)]);
  const messages = file.messageType.flatMap((message) => symbolsOfMessage(message, scope));
  return [...services, ...messages, ...file.enumType.flatMap((one) => symbolsOfEnum(one, scope))];
}

function symbolsOfMessage(message: DescriptorProto, outer: string): string[] {
  const scope = `${outer}${message.name}.`;
  const members = [...message.field, ...message.oneofDecl].map(({ name }) => `${scope}${name}`);
  const nested = message.nestedType.flatMap((one) => symbolsOfMessage(one, scope));
  return [`${outer}${message.name}`, ...members, ...nested, ...message.enumType.flatMap((one) => symbolsOfEnum(one, scope))];
}

/** Values live beside their enum, not within it. */
function symbolsOfEnum({ name, value }: EnumDescriptorProto, scope: string): string[] {
  return [`${scope}${name}`, ...value.map((one) => `${scope}${one.name}`)];
}

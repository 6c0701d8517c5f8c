/**
 * A protobuf message as a tree of fields that need not be valid: any wire type under any number, in any order and as
 * often as one likes. It encodes to bytes, and prints as JSON that a person can read.
 */

import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

export type TreeValue =
  /** From -2^63 to 2^64 - 1. */
  | { readonly kind: "varint"; readonly value: bigint }
  | { readonly kind: "double"; readonly value: number }
  | { readonly kind: "fixed64"; readonly value: bigint }
  | { readonly kind: "fixed32"; readonly value: number }
  | { readonly kind: "text"; readonly value: string }
  | { readonly kind: "bytes"; readonly value: Uint8Array }
  | { readonly kind: "message"; readonly fields: MessageTree }
  /** Something that answers have told; what is known when the message is sent decides. */
  | { readonly kind: "learnt"; readonly what: string; readonly own: boolean; readonly index: number }
  /** A message within a message within a message, all in fields of this number. */
  | { readonly kind: "nested"; readonly depth: number }
  /** Groups, the oldest form of nesting, which proto2 readers still skip. */
  | { readonly kind: "groups"; readonly depth: number };

export interface TreeField {
  readonly number: number;
  readonly name: string;
  readonly value: TreeValue;
  /** How often the field stands there; once if absent. */
  readonly times?: number;
}

export type MessageTree = readonly TreeField[];

export type Learnt = Extract<TreeValue, { kind: "learnt" }>;

/** Text or bytes in the place of something learnt. */
export type Resolve = (learnt: Learnt) => string | Uint8Array;

export function encodeTree(tree: MessageTree, resolve: Resolve): Uint8Array {
  const writer = new BinaryWriter();
  writeFields(writer, tree, resolve);
  return writer.finish();
}

/** Somewhat more than any node takes. Repetitions stop there: a long text in a list of thousands would be gigabytes. */
const encodedMaxBytes = 18 * 1024 * 1024;

function writeFields(writer: BinaryWriter, tree: MessageTree, resolve: Resolve): void {
  for (const field of tree) {
    const times = field.times ?? 1;
    if (times === 1) {
      writeField(writer, field, resolve);
      continue;
    }
    const once = new BinaryWriter();
    writeField(once, field, resolve);
    const bytes = once.finish();
    for (let count = Math.min(times, Math.ceil(encodedMaxBytes / bytes.length)); count > 0; count--) writer.raw(bytes);
  }
}

function writeField(writer: BinaryWriter, { number, value }: TreeField, resolve: Resolve): void {
  switch (value.kind) {
    case "varint":
      writer.tag(number, WireType.Varint).int64(BigInt.asIntN(64, value.value));
      return;
    case "double":
      writer.tag(number, WireType.Bit64).double(value.value);
      return;
    case "fixed64":
      writer.tag(number, WireType.Bit64).fixed64(BigInt.asUintN(64, value.value));
      return;
    case "fixed32":
      writer.tag(number, WireType.Bit32).fixed32(value.value >>> 0);
      return;
    case "text":
      writer.tag(number, WireType.LengthDelimited).string(value.value);
      return;
    case "bytes":
      writer.tag(number, WireType.LengthDelimited).bytes(value.value);
      return;
    case "learnt": {
      const told = resolve(value);
      writer.tag(number, WireType.LengthDelimited);
      if (typeof told === "string") writer.string(told);
      else writer.bytes(told);
      return;
    }
    case "message":
      writer.tag(number, WireType.LengthDelimited).fork();
      writeFields(writer, value.fields, resolve);
      writer.join();
      return;
    case "nested":
      for (let depth = 0; depth < value.depth; depth++) writer.tag(number, WireType.LengthDelimited).fork();
      for (let depth = 0; depth < value.depth; depth++) writer.join();
      return;
    case "groups":
      for (let depth = 0; depth < value.depth; depth++) writer.tag(number, WireType.StartGroup);
      for (let depth = 0; depth < value.depth; depth++) writer.tag(number, WireType.EndGroup);
      return;
    default:
      value satisfies never;
  }
}

/** Longer texts and bytes are told by their length: whoever needs them has the hexadecimal form. */
const printedTextMax = 80;

/** What a person reads: fields by name, in their order, as pairs because a name may stand there twice. */
export function printTree(tree: MessageTree, resolve: Resolve): string {
  return `{${tree.map((field) => `${JSON.stringify(field.name)}: ${printValue(field.value, resolve)}${times(field)}`).join(", ")}}`;
}

function times({ times: count }: TreeField): string {
  return count === undefined || count === 1 ? "" : ` (${count} times)`;
}

function printValue(value: TreeValue, resolve: Resolve): string {
  switch (value.kind) {
    case "varint":
    case "fixed64":
      return String(value.value);
    case "double":
      return Object.is(value.value, -0) ? "-0" : String(value.value);
    case "fixed32":
      return `${value.value} (32 bits)`;
    case "text":
      return printText(value.value);
    case "bytes":
      return printBytes(value.value);
    case "learnt": {
      const told = resolve(value);
      return typeof told === "string" ? printText(told) : printBytes(told);
    }
    case "message":
      return printTree(value.fields, resolve);
    case "nested":
      return `nested ${value.depth} deep`;
    case "groups":
      return `groups ${value.depth} deep`;
  }
}

function printText(text: string): string {
  return text.length <= printedTextMax ? JSON.stringify(text) : `${JSON.stringify(text.slice(0, 20))}... (${text.length} characters)`;
}

function printBytes(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes.subarray(0, printedTextMax / 2)).toString("hex");
  return bytes.length * 2 <= printedTextMax ? `0x${hex}` : `0x${hex}... (${bytes.length} bytes)`;
}

/**
 * Encodes messages with one writer that is used again: a new one for each, with its buffer, costs a small message
 * more than its bytes do.
 */

import { BinaryWriter } from "@bufbuild/protobuf/wire";

/** A writer keeps the buffer of its largest message; beyond this it is not kept. */
const keptMaxBytes = 1024 * 1024;

interface Encoder<Message> {
  encode(message: Message, writer: BinaryWriter): BinaryWriter;
}

let spare: BinaryWriter | undefined;

/** The bytes of `message`; nobody else holds them. */
export function encodeMessage<Message>(encoder: Encoder<Message>, message: Message): Uint8Array {
  const writer = spare ?? new BinaryWriter();
  // Nothing that was half written comes into the next message: after a throw there is no spare one.
  spare = undefined;
  const bytes = encoder.encode(message, writer).finish();
  if (bytes.length <= keptMaxBytes) spare = writer;
  return bytes;
}

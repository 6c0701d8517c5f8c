/** Branded ids. A bare string becomes an id once, at the edge, and cannot be mistaken for another kind of id. */

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

export type MasterId = Branded<"MasterId">;
export type AgentId = Branded<"AgentId">;
export type FrameworkId = Branded<"FrameworkId">;
export type ExecutorId = Branded<"ExecutorId">;
export type TaskId = Branded<"TaskId">;
export type OfferId = Branded<"OfferId">;
export type InverseOfferId = Branded<"InverseOfferId">;
/** Chosen by a framework that wants to hear how its operation ends. */
export type OperationId = Branded<"OperationId">;
export type ContainerId = Branded<"ContainerId">;
/** Names one run of a check of a task, on one agent. */
export type CheckId = Branded<"CheckId">;
/** Names one subscription of a scheduler: the `mesos-stream-id`. */
export type StreamId = Branded<"StreamId">;
/** Names one AgentLink connection, at one end. */
export type LinkId = Branded<"LinkId">;
/** 16 bytes as 32 lower-case hexadecimal digits. */
export type Uuid = Branded<"Uuid">;

// biome-ignore-start lint/style/useNamingConvention: a constructor has the name of its type
export const MasterId = (value: string): MasterId => value as MasterId;
export const AgentId = (value: string): AgentId => value as AgentId;
export const FrameworkId = (value: string): FrameworkId => value as FrameworkId;
export const ExecutorId = (value: string): ExecutorId => value as ExecutorId;
export const TaskId = (value: string): TaskId => value as TaskId;
export const OfferId = (value: string): OfferId => value as OfferId;
export const InverseOfferId = (value: string): InverseOfferId => value as InverseOfferId;
export const OperationId = (value: string): OperationId => value as OperationId;
export const ContainerId = (value: string): ContainerId => value as ContainerId;
export const CheckId = (value: string): CheckId => value as CheckId;
export const StreamId = (value: string): StreamId => value as StreamId;
export const LinkId = (value: string): LinkId => value as LinkId;
export const Uuid = (value: string): Uuid => value as Uuid;
// biome-ignore-end lint/style/useNamingConvention: a constructor has the name of its type

/** Longest id that a client may choose: NAME_MAX on the file systems where ids become folder names. */
export const idMaxLength = 255;

/** What the rules below forbid, in one quick look: every message brings some ids. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for
const badIdCharacter = /[\u0000-\u001f\u007f/\\]/;

/**
 * The rule that `value` breaks as an id chosen by a client, or undefined when it may be one. Source: spec of ids in
 * Mesos's common/validation.cpp.
 */
export function idProblem(value: string): string | undefined {
  if (value.length === 0) return "must not be empty";
  if (value.length > idMaxLength) return `must have at most ${idMaxLength} characters, has ${value.length}`;
  if (value === "." || value === "..") return `must not be "${value}"`;
  if (!badIdCharacter.test(value)) return undefined;
  for (const character of value) {
    const code = character.charCodeAt(0);
    if (code < 0x20 || code === 0x7f) return `must not contain control characters, has U+${code.toString(16).padStart(4, "0")}`;
    if (character === "/" || character === "\\") return `must not contain "${character}"`;
  }
  return undefined;
}

const hexOfByte: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Bytes of a uuid as its printable form. */
export function uuidFromBytes(bytes: Uint8Array): Uuid {
  let text = "";
  for (const byte of bytes) text += hexOfByte[byte] ?? "";
  return Uuid(text);
}

export function uuidToBytes(uuid: Uuid): Uint8Array {
  const bytes = new Uint8Array(uuid.length / 2);
  for (let index = 0; index < bytes.length; index++) {
    bytes[index] = (hexDigit(uuid.charCodeAt(index * 2)) << 4) | hexDigit(uuid.charCodeAt(index * 2 + 1));
  }
  return bytes;
}

/** 0 to 15 for the code of one of 0-9 and a-f. */
function hexDigit(code: number): number {
  return code <= 0x39 ? code - 0x30 : code - 0x57;
}

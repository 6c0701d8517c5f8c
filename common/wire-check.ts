/**
 * Walks protobuf bytes along a schema and names the first thing that the contract does not allow: bytes cut short, a wrong wire type,
 * a missing required field, an unknown enum value, text that is not UTF-8, too much nesting. Decoders that run afterwards can
 * neither throw nor silently fill in a default. Unknown fields are skipped, as protobuf demands of every reader.
 */

import { assertDefined } from "./assert.ts";
import { findUtf8Problem } from "./utf8.ts";
import type { FieldPlan, MessagePlan, WireSchema } from "./wire-schema.ts";

export interface WireLimits {
  readonly maxBytes: number;
  /** Messages within messages; the outermost counts as one. */
  readonly maxDepth: number;
  /** What a refusal calls the bytes as a whole: "the call" for those who made one. By default "message". */
  readonly subject?: string;
}

const defaultSubject = "message";

/** The first problem as "field.path[2].name rule, value", or undefined when the bytes are a valid `messageName`. */
export function checkMessage(schema: WireSchema, messageName: string, bytes: Uint8Array, limits: WireLimits): string | undefined {
  if (bytes.length > limits.maxBytes)
    return `${limits.subject ?? defaultSubject} must have at most ${limits.maxBytes} bytes, has ${bytes.length}`;
  const plan = assertDefined(schema.get(messageName), `schema of ${messageName}`);
  const walker = new Walker(bytes, limits);
  return walker.walk(plan, bytes.length, 1) ? undefined : walker.problem();
}

const wireVarint = 0;
const wireFixed64 = 1;
const wireBytes = 2;
const wireGroupStart = 3;
const wireGroupEnd = 4;
const wireFixed32 = 5;

/** Every method that can fail answers false and leaves its finding; the path is gathered only then, on the way out. */
class Walker {
  readonly #bytes: Uint8Array;
  readonly #maxDepth: number;
  readonly #subject: string;
  #at = 0;
  /** Low 32 bits of the varint that was read last, unsigned. */
  #low = 0;
  #rule = "";
  readonly #path: string[] = [];

  constructor(bytes: Uint8Array, { maxDepth, subject = defaultSubject }: WireLimits) {
    this.#bytes = bytes;
    this.#maxDepth = maxDepth;
    this.#subject = subject;
  }

  problem(): string {
    return `${this.#path.length === 0 ? this.#subject : this.#path.reverse().join(".")} ${this.#rule}`;
  }

  walk(plan: MessagePlan, end: number, depth: number): boolean {
    if (depth > this.#maxDepth) return this.#fail(`must not be nested deeper than ${this.#maxDepth} messages`);
    const start = this.#at;
    let seenRequired = 0;
    while (this.#at < end) {
      if (!this.#readVarint(end)) return false;
      const tag = this.#low;
      const number = tag >>> 3;
      if (number === 0) return this.#fail("must not have a field number 0");
      const field = number < plan.fields.length ? plan.fields[number] : undefined;
      if (field === undefined) {
        if (!this.#skip(tag, end, depth)) return false;
      } else if (!this.#readField(field, tag & 7, end, depth)) {
        this.#path.push(field.isRepeated ? `${field.name}[${this.#countEarlier(field.number, start)}]` : field.name);
        return false;
      } else {
        seenRequired |= field.requiredBit;
      }
    }
    if (seenRequired === plan.requiredBits) return true;
    for (const field of plan.fields) {
      if (field !== undefined && (field.requiredBit & ~seenRequired) !== 0) {
        this.#path.push(field.name);
        return this.#fail("must be set");
      }
    }
    return true;
  }

  #readField(field: FieldPlan, wireType: number, end: number, depth: number): boolean {
    if (wireType !== field.wireType) {
      if (!field.isRepeated || wireType !== wireBytes) {
        return this.#fail(`must be encoded with wire type ${field.wireType}, has ${wireType}`);
      }
      return this.#readPacked(field, end);
    }
    switch (wireType) {
      case wireVarint:
        return this.#readVarint(end) && this.#checkEnum(field);
      case wireFixed64:
        return this.#advance(8, end);
      case wireFixed32:
        return this.#advance(4, end);
      default:
        return this.#readDelimited(field, end, depth);
    }
  }

  #readDelimited(field: FieldPlan, end: number, depth: number): boolean {
    if (!this.#readVarint(end)) return false;
    const begin = this.#at;
    if (!this.#advance(this.#low, end)) return false;
    if (field.message !== undefined) {
      const bodyEnd = this.#at;
      this.#at = begin;
      return this.walk(field.message, bodyEnd, depth + 1);
    }
    if (!field.isText) return true;
    const rule = findUtf8Problem(this.#bytes, begin, this.#at);
    return rule === undefined || this.#fail(rule);
  }

  /** Readers of proto2 take a repeated number in packed form, too. */
  #readPacked(field: FieldPlan, end: number): boolean {
    if (!this.#readVarint(end)) return false;
    const packedEnd = this.#at + this.#low;
    if (packedEnd > end) return this.#failShort(this.#low, end);
    while (this.#at < packedEnd) {
      if (!this.#readField(field, field.wireType, packedEnd, 0)) return false;
    }
    return true;
  }

  #checkEnum(field: FieldPlan): boolean {
    if (field.enumValues === undefined || field.enumValues.has(this.#low | 0)) return true;
    return this.#fail(`must be a known value of ${field.typeName}, is ${this.#low | 0}`);
  }

  #skip(tag: number, end: number, depth: number): boolean {
    switch (tag & 7) {
      case wireVarint:
        return this.#readVarint(end);
      case wireFixed64:
        return this.#advance(8, end);
      case wireBytes:
        return this.#readVarint(end) && this.#advance(this.#low, end);
      case wireGroupStart:
        return this.#skipGroup(tag >>> 3, end, depth + 1);
      case wireFixed32:
        return this.#advance(4, end);
      default:
        return this.#fail(`must not have wire type ${tag & 7} in field ${tag >>> 3}`);
    }
  }

  #skipGroup(number: number, end: number, depth: number): boolean {
    if (depth > this.#maxDepth) return this.#fail(`must not be nested deeper than ${this.#maxDepth} messages`);
    while (this.#at < end) {
      if (!this.#readVarint(end)) return false;
      const tag = this.#low;
      if ((tag & 7) === wireGroupEnd) return tag >>> 3 === number || this.#fail(`must not end group ${tag >>> 3} within group ${number}`);
      if (tag >>> 3 === 0) return this.#fail("must not have a field number 0");
      if (!this.#skip(tag, end, depth)) return false;
    }
    return this.#fail(`must end its group ${number}`);
  }

  #advance(count: number, end: number): boolean {
    if (count > end - this.#at) return this.#failShort(count, end);
    this.#at += count;
    return true;
  }

  #readVarint(end: number): boolean {
    let low = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.#at >= end) return this.#failShort(1, end);
      const byte = this.#bytes[this.#at++] ?? 0;
      if (shift < 32) low |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        this.#low = low >>> 0;
        return true;
      }
    }
    return this.#fail("must not have a number of more than 10 bytes");
  }

  /** How many times the field occurs between `start` and the place of the failure: the index of the bad one. */
  #countEarlier(number: number, start: number): number {
    const failedAt = this.#at;
    const ruleOfFailure = this.#rule;
    let count = -1;
    this.#at = start;
    while (this.#at < failedAt && this.#readVarint(this.#bytes.length)) {
      const tag = this.#low;
      if (tag >>> 3 === number) count++;
      if (!this.#skip(tag, this.#bytes.length, 1)) break;
    }
    this.#at = failedAt;
    this.#rule = ruleOfFailure;
    return Math.max(0, count);
  }

  #failShort(needed: number, end: number): boolean {
    return this.#fail(`must not be cut short: needs ${needed} more bytes, has ${end - this.#at}`);
  }

  #fail(rule: string): boolean {
    this.#rule = rule;
    return false;
  }
}

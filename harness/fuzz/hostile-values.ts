/**
 * Values at and beyond the edges of what a field may hold, and plain ones that a peer would send. Texts may become
 * command lines of tasks, so each of them is harmless to a shell.
 */

import fc from "fast-check";
import type { TreeValue } from "./message-tree.ts";

const hostileTexts: readonly string[] = [
  "",
  " ",
  "x".repeat(255),
  "x".repeat(256),
  "x".repeat(10_000),
  ".",
  "..",
  "/",
  "a/b",
  "../..",
  "a\u0000b",
  "line\nbreak\r\ttab\u007f",
  "\u001b[31m",
  "üñî漢字🦄",
  "\u202eright to left\ufeff",
  "e\u0301",
  "__proto__",
  "constructor",
  "toString",
  "NaN",
  "-1",
  "9007199254740993",
  "%s%n%x",
  "{}",
  "null",
  "cpus",
  "ports",
  "-x",
  "role/-x",
];

/** The address is nobody's: a machine with that of the agent that stays could be taken down. */
const plainTexts: readonly string[] = ["fuzz", "a", "b", "*", "web", "cpus", "mem", "disk", "192.0.2.1"];

/** Neither is UTF-8: a lone continuation byte, an overlong slash, a surrogate, a sequence cut short. */
const hostileBytes: readonly (readonly number[])[] = [[], [0x80], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xe2, 0x82], [0xff, 0xfe]];
const byteLengths = [1, 15, 16, 17, 32, 10_000];

const hostileDoubles: readonly number[] = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  -0,
  0,
  -1,
  -0.001,
  0.0004,
  0.0005,
  1e-9,
  5e-324,
  2 ** 53,
  2 ** 53 + 2,
  2 ** 63,
  9_223_372_036,
  9_223_372_037,
  1e300,
  Number.MAX_VALUE,
];

const hostileIntegers: readonly bigint[] = [
  0n,
  -1n,
  1n,
  2n ** 31n - 1n,
  2n ** 31n,
  -(2n ** 31n),
  2n ** 32n - 1n,
  2n ** 32n,
  2n ** 53n,
  2n ** 53n + 1n,
  2n ** 63n - 1n,
  -(2n ** 63n),
  2n ** 64n - 1n,
];

export const hostileText: fc.Arbitrary<TreeValue> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...hostileTexts).map((value): TreeValue => ({ kind: "text", value })) },
  { weight: 1, arbitrary: fc.constantFrom(...hostileBytes).map((bytes) => toBytes(bytes)) },
);

export const hostileBlob: fc.Arbitrary<TreeValue> = fc.oneof(
  fc.constantFrom(...hostileBytes).map((bytes) => toBytes(bytes)),
  fc.constantFrom(...byteLengths).map((length): TreeValue => ({ kind: "bytes", value: new Uint8Array(length).fill(0xa5) })),
);

export const hostileDouble: fc.Arbitrary<TreeValue> = fc.constantFrom(...hostileDoubles).map((value) => ({ kind: "double", value }));

export const hostileInteger: fc.Arbitrary<TreeValue> = fc.constantFrom(...hostileIntegers).map((value) => ({ kind: "varint", value }));

/** None that any enum has, and those next to the edge. */
export const hostileEnum: fc.Arbitrary<TreeValue> = fc.constantFrom(-1n, 0n, 99n, 9_999n, 2n ** 31n, 2n ** 40n).map((value) => ({
  kind: "varint",
  value,
}));

export const plainText: fc.Arbitrary<TreeValue> = fc.constantFrom(...plainTexts).map((value) => ({ kind: "text", value }));
export const plainBlob: fc.Arbitrary<TreeValue> = fc.constant({ kind: "bytes", value: new Uint8Array(16).fill(7) });
export const plainDouble: fc.Arbitrary<TreeValue> = fc.constantFrom(0.1, 0.5, 1, 2, 32).map((value) => ({ kind: "double", value }));
export const plainInteger: fc.Arbitrary<TreeValue> = fc
  .oneof(fc.integer({ min: 0, max: 9 }), fc.constantFrom(5_000, 2_000_000_000))
  .map((value) => ({
    kind: "varint",
    value: BigInt(value),
  }));
export const flag: fc.Arbitrary<TreeValue> = fc.boolean().map((value) => ({ kind: "varint", value: value ? 1n : 0n }));

function toBytes(bytes: readonly number[]): TreeValue {
  return { kind: "bytes", value: Uint8Array.from(bytes) };
}

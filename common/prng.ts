/**
 * The only source of randomness in pure code: sfc32 (Chris Doty-Humphrey's small fast counting generator, public domain),
 * seeded with a hash of a text. The same seed gives the same numbers on every machine. Not for secrets.
 */

import { assert, assertDefined } from "./assert.ts";
import { type Uuid, uuidFromBytes } from "./ids.ts";

export interface Prng {
  /** A whole number from 0 to 2^32 - 1. */
  nextUint32(): number;
  /** A whole number from 0 to `bound` - 1, all equally likely; `bound` is from 1 to 2^32. */
  nextInt(bound: number): number;
  /** A number from 0 (included) to 1 (excluded) with 53 random bits. */
  nextFloat(): number;
  /** True with the given probability. */
  chance(probability: number): boolean;
  /** One item of a list that is not empty. */
  pick<T>(list: readonly T[]): T;
  /** A version 4 uuid. */
  uuid(): Uuid;
  /** An independent generator that depends on this one's seed and on `label` only, not on what was drawn so far. */
  fork(label: string): Prng;
}

/** Where the bytes of a uuid are put together. */
const uuidWords = new DataView(new ArrayBuffer(16));
const uuidBytes = new Uint8Array(uuidWords.buffer);

const uint32Count = 0x1_0000_0000;

/** A generator for a seed; the seeds 7 and "7" are the same. */
export function createPrng(seed: number | string): Prng {
  const seedText = String(seed);
  const nextUint32 = sfc32(seedText);

  function nextInt(bound: number): number {
    assert(Number.isInteger(bound) && bound >= 1 && bound <= uint32Count, `bound of nextInt must be from 1 to 2^32, is ${bound}`);
    // Draws beyond the last whole multiple of the bound would favour small numbers.
    const limit = uint32Count - (uint32Count % bound);
    for (;;) {
      const drawn = nextUint32();
      if (drawn < limit) return drawn % bound;
    }
  }

  function nextFloat(): number {
    const high = nextUint32() >>> 5;
    const low = nextUint32() >>> 6;
    return (high * 0x400_0000 + low) / 0x20_0000_0000_0000;
  }

  return {
    nextUint32,
    nextInt,
    nextFloat,
    chance: (probability) => nextFloat() < probability,
    pick<T>(list: readonly T[]): T {
      assert(list.length > 0, "pick() needs a list that is not empty");
      const index = nextInt(list.length);
      return list[index] as T;
    },
    uuid() {
      for (let word = 0; word < 4; word++) uuidWords.setUint32(4 * word, nextUint32());
      // Version 4, and the variant of RFC 9562 in the upper bits of the ninth byte.
      uuidWords.setUint8(6, (uuidWords.getUint8(6) & 0x0f) | 0x40);
      uuidWords.setUint8(8, (uuidWords.getUint8(8) & 0x0f) | ((8 + nextInt(4)) << 4));
      return uuidFromBytes(uuidBytes);
    },
    fork: (label) => createPrng(`${seedText}/${label}`),
  };
}

function sfc32(seedText: string): () => number {
  let [a, b, c] = hashText(seedText);
  let counter = 1;
  function next(): number {
    const result = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + result;
    c |= 0;
    return result >>> 0;
  }
  // The author's advice: the first outputs still resemble the seed.
  for (let round = 0; round < 12; round++) next();
  return next;
}

/** Three words of 32 bits, each a differently started FNV-1a with MurmurHash3's finish. */
function hashText(text: string): [number, number, number] {
  const words = [0x811c9dc5, 0x9e3779b9, 0x85ebca6b].map((start) => {
    let hash = start;
    for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    return hash ^ (hash >>> 16);
  });
  return [assertDefined(words[0], "word 0"), assertDefined(words[1], "word 1"), assertDefined(words[2], "word 2")];
}

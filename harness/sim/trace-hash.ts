/**
 * A running hash over everything that a simulation does, so that two runs can be compared by one short text.
 * Two independent lanes of FNV-1a (64 bits together): for noticing that runs differ, not for secrets.
 */

const firstStart = 0x811c9dc5;
const secondStart = 0x9e3779b9;
const firstPrime = 0x01000193;
const secondPrime = 0x01000197;

export class TraceHash {
  #first = firstStart | 0;
  #second = secondStart | 0;

  /** Adds a whole number below 2^53. */
  number(value: number): void {
    this.#word(value | 0);
    this.#word((value / 0x1_0000_0000) | 0);
  }

  text(value: string): void {
    let first = this.#first;
    let second = this.#second;
    for (let index = 0; index < value.length; index++) {
      const code = value.charCodeAt(index);
      first = Math.imul(first ^ code, firstPrime);
      second = Math.imul((second ^ code) + 1, secondPrime);
    }
    this.#first = first;
    this.#second = second;
    this.#word(-value.length);
  }

  bytes(value: Uint8Array): void {
    let first = this.#first;
    let second = this.#second;
    for (let index = 0; index < value.length; index++) {
      const byte = value[index] ?? 0;
      first = Math.imul(first ^ byte, firstPrime);
      second = Math.imul(second ^ byte, secondPrime);
    }
    this.#first = first;
    this.#second = second;
    this.#word(value.length);
  }

  /** The hash so far, 16 hexadecimal digits. */
  digest(): string {
    return toHex(this.#first) + toHex(this.#second);
  }

  #word(value: number): void {
    this.#first = Math.imul(this.#first ^ value, firstPrime);
    this.#second = Math.imul((this.#second ^ value) + 1, secondPrime);
  }
}

function toHex(word: number): string {
  const mixed = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  return ((mixed ^ (mixed >>> 13)) >>> 0).toString(16).padStart(8, "0");
}

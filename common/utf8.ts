/** Checks UTF-8 without decoding it: overlong forms, surrogates and numbers beyond U+10FFFF are refused, as the Unicode standard says. */

/** The rule that the bytes from `start` to before `end` break, or undefined when they are UTF-8. */
export function findUtf8Problem(bytes: Uint8Array, start: number, end: number): string | undefined {
  let at = start;
  while (at < end) {
    const lead = bytes[at] ?? 0;
    if (lead < 0x80) {
      at++;
      continue;
    }
    const length = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
    if (length === 0 || at + length > end || !isSequence(bytes, at, length)) {
      return `must be UTF-8, has byte 0x${lead.toString(16)} at ${at - start}`;
    }
    at += length;
  }
  return undefined;
}

/** Whether the bytes after a multi-byte lead fit it. The second byte has narrower limits for some leads. */
function isSequence(bytes: Uint8Array, at: number, length: number): boolean {
  const lead = bytes[at] ?? 0;
  const second = bytes[at + 1] ?? 0;
  const lowest = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const highest = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  if (second < lowest || second > highest) return false;
  for (let index = 2; index < length; index++) {
    if (((bytes[at + index] ?? 0) & 0xc0) !== 0x80) return false;
  }
  return true;
}

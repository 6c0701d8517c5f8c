/** A command that wants more and more memory, for tests of limits. */

/** Takes memory, a megabyte at a time, up to as many as it is told, and ends well. */
export function eat(megabytes: number): string {
  return `exec "${process.execPath}" -e 'const all = []; for (let i = 0; i < ${megabytes}; i++) all.push(Buffer.alloc(1 << 20, 1))'`;
}

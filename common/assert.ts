/**
 * Checks on our own logic. A failed check is a bug of tepui, never a peer's mistake: peers are refused with a reason
 * before their input can reach an assertion. Nobody catches an InvariantError; it ends the process.
 */

export class InvariantError extends Error {
  override readonly name = "InvariantError";
}

/**
 * Throws InvariantError unless `condition` holds; the message names the things and the numbers. A function where the text costs
 * more than the check itself.
 */
export function assert(condition: boolean, message: string | (() => string)): asserts condition {
  if (!condition) throw new InvariantError(typeof message === "string" ? message : message());
}

/** Returns `value`, which our own logic says is there. */
export function assertDefined<T>(value: T | undefined | null, what: string): T {
  if (value === undefined || value === null) throw new InvariantError(`${what} is missing`);
  return value;
}

/** Closes a switch over a tagged union: an arm that is missing does not compile. */
export function assertNever(value: never): never {
  throw new InvariantError(`unhandled case ${JSON.stringify(value)}`);
}

/** A file cannot be fetched: the reason is for the framework that asked for it. */

export class FetchError extends Error {
  override readonly name = "FetchError";
}

/** What was thrown, as a FetchError; a reason that is one already stays as it is. */
export function toFetchError(error: unknown): FetchError {
  if (error instanceof FetchError) return error;
  return new FetchError(error instanceof Error ? error.message : String(error), { cause: error });
}

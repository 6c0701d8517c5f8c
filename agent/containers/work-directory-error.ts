/** The work directory cannot be used as it is: full, read-only, not ours. Something for the operator, not a fault of the program. */

export class WorkDirectoryError extends Error {
  override readonly name = "WorkDirectoryError";
}

/** What `action` throws becomes a WorkDirectoryError that names the directory. */
export function inWorkDirectory<T>(workDirectory: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    throw new WorkDirectoryError(`--work-dir ${workDirectory} cannot be used: ${error.message}`, { cause: error });
  }
}

/** Writing to stdout and stderr at the pace of whoever reads them. */

import { once } from "node:events";

/** Resolves when there is room for more. */
export async function writeTo(stream: NodeJS.WriteStream, bytes: Uint8Array): Promise<void> {
  if (!stream.write(bytes)) await once(stream, "drain");
}

/** Whoever read our output has seen enough, as `head` has: no mistake of anybody. */
export function endWhenNobodyReads(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit();
    throw error;
  });
}

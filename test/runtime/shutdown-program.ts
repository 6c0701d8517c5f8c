/** A process that ends in the way its argument says, for shutdown.test.ts. It prints "ready" once signals are handled. */

import { InvariantError } from "../../common/assert.ts";
import { createLogger } from "../../runtime/logger.ts";
import { exitOnSignal, exitOnUncaught } from "../../runtime/shutdown.ts";

const logger = createLogger({ name: "program", level: "info" });
exitOnUncaught(logger);

const stops: ReadonlyMap<string, () => Promise<void>> = new Map([
  ["graceful", async () => {}],
  ["failing", () => Promise.reject(new Error("the store cannot be closed"))],
  ["hanging", () => new Promise<void>(() => {})],
]);

const way = process.argv[2] ?? "";
const stop = stops.get(way);
if (stop !== undefined) {
  exitOnSignal(logger, stop);
  setInterval(() => {}, 1_000);
} else if (way === "throw") {
  setImmediate(() => {
    throw new InvariantError("3 offers outstanding, 2 known");
  });
} else {
  void Promise.reject(new Error("nobody waits for this"));
}
process.stdout.write("ready\n");

/** A process that writes until it is killed, and prints each version once it was acknowledged. Arguments: file, bytes per write. */

import { openSqliteStore } from "../../../runtime/store/sqlite.ts";

const [path = "", size = "100"] = process.argv.slice(2);
try {
  const store = await openSqliteStore(path, { name: "test", version: 1 });
  let { version } = await store.read();
  for (;;) {
    const value = new Uint8Array(Number(size)).fill(version % 256);
    // Both keys always change together: a reader that sees them differ has seen half a write.
    const outcome = await store.write(version, [
      { kind: "put", key: "left", value },
      { kind: "put", key: "right", value },
      { kind: "put", key: `entry/${version}`, value },
    ]);
    version = outcome.version;
    process.stdout.write(`${version}\n`);
  }
} catch (error) {
  process.stdout.write(`failed: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

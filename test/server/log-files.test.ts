/** What operators see of a master's log, and that they see nothing else. */

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { ExposedFiles } from "../../runtime/exposed-files.ts";
import { locateLog } from "../../server/log-files.ts";

describe("the log of a master", () => {
  let folder: string;
  before(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "tepui-log-")));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  async function read(files: ExposedFiles, path: string, offset = 0n, length?: bigint): Promise<string> {
    const part = await files.read({ path, offset, length });
    return part.ok ? `${part.value.sizeBytes}: ${Buffer.from(part.value.data).toString()}` : part.refusal.code;
  }

  it("is a file, in parts, also after it was rotated", async () => {
    const log = join(folder, "file.log");
    writeFileSync(log, "0123456789");
    const files = new ExposedFiles({ locate: locateLog(log) });
    assert.equal(await read(files, "/master/log"), "10: 0123456789");
    assert.equal(await read(files, "/master/log", 4n, 2n), "10: 45");
    assert.equal(await read(files, "/master/log", 10n), "10: ");
    renameSync(log, `${log}.1`);
    assert.equal(await read(files, "/master/log"), "NOT_FOUND");
    writeFileSync(log, "new");
    assert.equal(await read(files, "/master/log"), "3: new");
    for (const path of ["/master", "/", "/master/log/x", "/master/log.1", "/etc/passwd", log])
      assert.equal(await read(files, path), "NOT_FOUND", path);
  });

  it("is a directory of files, out of which no link leads", async () => {
    const logs = join(folder, "logs");
    mkdirSync(logs);
    writeFileSync(join(logs, "current"), "now");
    writeFileSync(join(folder, "secret"), "secret");
    symlinkSync(join(folder, "secret"), join(logs, "out"));
    symlinkSync("current", join(logs, "in"));
    symlinkSync("..", join(logs, "up"));
    // The operator's own link is followed.
    symlinkSync(logs, join(folder, "link"));
    for (const given of [logs, join(folder, "link")]) {
      const files = new ExposedFiles({ locate: locateLog(given) });
      const listed = await files.list("/master/log");
      assert.deepEqual(
        listed.ok && listed.value.map(({ path }) => path),
        ["current", "in", "out", "up"].map((name) => `/master/log/${name}`),
      );
      assert.equal(await read(files, "/master/log/current"), "3: now");
      assert.equal(await read(files, "/master/log/in"), "3: now");
      assert.equal(await read(files, "/master/log/out"), "NOT_FOUND");
      assert.equal(await read(files, "/master/log/up/secret"), "NOT_FOUND");
      assert.equal(await read(files, "/master/log"), "INVALID_ARGUMENT");
    }
  });

  it("is nothing where no flag says what it is", async () => {
    assert.equal(await read(new ExposedFiles({ locate: locateLog(undefined) }), "/master/log"), "NOT_FOUND");
  });
});

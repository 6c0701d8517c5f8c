/** What a real master says of its own process to operators. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { version } from "../../common/version.ts";
import {
  Call_GetMetrics,
  Call_ListFiles,
  Call_ReadFile,
  Call_SetLoggingLevel,
  Response_GetFlags,
  Response_GetHealth,
  Response_GetLoggingLevel,
  Response_GetMaster,
  Response_GetMetrics,
  Response_GetVersion,
  Response_ReadFile,
} from "../../protos/gen/mesos/v1/master/master.ts";
import { MasterProcess } from "./master-process.ts";
import { RawOperator } from "./raw-operator.ts";

describe("an operator asks a real master", function () {
  this.timeout(20_000);
  let master: MasterProcess;
  let operator: RawOperator;
  let httpPort: number;
  let folder: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "tepui-log-"));
    writeFileSync(join(folder, "master.log"), "the log");
    master = new MasterProcess(["--registry=memory", "--hostname=master-a", `--external-log-file=${join(folder, "master.log")}`]);
    const leading = await master.leading();
    httpPort = leading.httpPort;
    operator = new RawOperator(leading.address);
  });
  after(async () => {
    operator[Symbol.dispose]();
    const { text } = await master.end("SIGTERM");
    rmSync(folder, { recursive: true, force: true });
    assert.match(text, /"call":"getTasks","msg":"operator's call"/, "what was asked while the log was verbose is in it");
  });

  const readLevel = async (): Promise<number> => Response_GetLoggingLevel.decode(await operator.call("GetLoggingLevel")).level;
  const setLevel = (level: number, durationMs: number): Promise<Uint8Array> =>
    operator.call(
      "SetLoggingLevel",
      Call_SetLoggingLevel.encode({ level, duration: { nanoseconds: BigInt(durationMs) * 1_000_000n } }).finish(),
    );

  it("who it is, whether it is well, which build and with which flags", async () => {
    assert.equal(Response_GetHealth.decode(await operator.call("GetHealth")).healthy, true);
    assert.equal(Response_GetVersion.decode(await operator.call("GetVersion")).versionInfo?.version, version);
    const { flags } = Response_GetFlags.decode(await operator.call("GetFlags"));
    const flagOf = (name: string): string | undefined => flags.find((flag) => flag.name === name)?.value;
    assert.deepEqual([flagOf("hostname"), flagOf("registry"), flagOf("heartbeat-interval")], ["master-a", "memory", "15s"]);
    const { masterInfo, startTime = 0, electedTime = 0 } = Response_GetMaster.decode(await operator.call("GetMaster"));
    assert.deepEqual([masterInfo?.hostname, masterInfo?.port], ["master-a", httpPort]);
    assert.ok(startTime <= electedTime && electedTime <= Date.now() / 1_000);
  });

  it("for its metrics: those of the page", async () => {
    const request = Call_GetMetrics.encode({ timeout: { nanoseconds: 5_000_000_000n } }).finish();
    const { metrics } = Response_GetMetrics.decode(await operator.call("GetMetrics", request));
    const page = await (await fetch(`http://127.0.0.1:${httpPort}/metrics`)).text();
    const elected = metrics.find(({ name }) => name === 'tepui_inputs_total{kind="leadershipGained",program="master"}');
    assert.equal(elected?.value, 1);
    for (const { name } of metrics.filter((metric) => metric.name.startsWith("tepui_"))) assert.ok(page.includes(`\n${name} `), name);
    await assert.rejects(
      operator.call("GetMetrics", Call_GetMetrics.encode({ timeout: { nanoseconds: -1n } }).finish()),
      /INVALID_ARGUMENT: get_metrics.timeout.nanoseconds must not be negative/,
    );
  });

  it("for its log", async () => {
    const request = Call_ReadFile.encode({ path: "/master/log", offset: 4n }).finish();
    const { size, data } = Response_ReadFile.decode(await operator.call("ReadFile", request));
    assert.deepEqual([size, Buffer.from(data).toString()], [7n, "log"]);
    const outside = Call_ListFiles.encode({ path: "/master/log/.." }).finish();
    await assert.rejects(operator.call("ListFiles", outside), /INVALID_ARGUMENT: list_files.path must not have "\.\."/);
    await assert.rejects(operator.call("ListFiles", Call_ListFiles.encode({ path: "/" }).finish()), /NOT_FOUND: there is no \/ that can/);
  });

  it("to log more for a while", async () => {
    assert.equal(await readLevel(), 0);
    await setLevel(2, 600_000);
    assert.equal(await readLevel(), 2);
    await operator.call("GetTasks");
    await setLevel(1, 1);
    while ((await readLevel()) !== 0) await sleep(5);
    await assert.rejects(setLevel(1, -1), /INVALID_ARGUMENT: set_logging_level.duration.nanoseconds must not be negative/);
    assert.equal(await readLevel(), 0);
  });
});

/** Quotas and weights on a real master with a real agent: set at the command line, and in force after the master was killed. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { OperatorClient } from "../../client/operator-client.ts";
import { SchedulerDriver } from "../../client/scheduler-driver.ts";
import { freePort } from "../../harness/grpc/free-port.ts";
import { type Offer, TaskInfo, Value_Type } from "../../protos/gen/mesos/v1/mesos.ts";
import { Tool } from "../cli/tool.ts";
import { AgentProcess } from "./agent-process.ts";
import { MasterProcess } from "./master-process.ts";

describe("a quota on a real master", () => {
  let folder: string;
  let port: number;
  let master: MasterProcess;
  let agent: AgentProcess;
  let operator: OperatorClient;
  let driver: SchedulerDriver;
  let run: Promise<void>;
  /** cpus of each offer that is out. */
  const offers = new Map<string, number>();
  let isTaskRunning = false;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "tepui-quota-"));
    port = await freePort();
    await startMaster();
    const flags = ["--master", `127.0.0.1:${port}`, "--work-dir", join(folder, "agent"), "--resources=cpus:4;mem:1024"];
    agent = new AgentProcess([...flags, "--hostname=host-a", "--registration-backoff-max=200ms"]);
    await agent.registered();
    operator = new OperatorClient({ masters: [`127.0.0.1:${port}`] });
    driver = subscribe();
    run = driver.run();
  });
  after(async () => {
    operator[Symbol.dispose]();
    await driver.teardown();
    await run;
    if (agent.isRunning) await agent.end("SIGUSR1");
    await master.end("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });

  async function startMaster(): Promise<void> {
    master = new MasterProcess([`--port=${port}`, `--work-dir=${join(folder, "master")}`, "--allocation-interval=50ms"]);
    await master.leading();
  }

  /** Runs one task of a cpu on the first offer, and keeps the others. */
  function subscribe(): SchedulerDriver {
    let isLaunched = false;
    return new SchedulerDriver({
      masters: [`127.0.0.1:${port}`],
      framework: { user: "root", name: "limited", roles: ["eng/ads"], capabilities: [{ type: 6 }], failoverTimeout: 60, checkpoint: true },
      reconnectMinMs: 20,
      reconnectMaxMs: 100,
      onEvent: async (event, own) => {
        if (event.kind === "subscribed") offers.clear();
        if (event.kind === "rescind") offers.delete(event.offerId);
        if (event.kind === "update" && event.status.state === 1) isTaskRunning = true;
        if (event.kind !== "offers") return;
        for (const offer of event.offers) offers.set(offer.id?.value ?? "", cpusOf(offer));
        const [offer] = event.offers;
        if (isLaunched || offer === undefined) return;
        isLaunched = true;
        offers.delete(offer.id?.value ?? "");
        const resources = [{ name: "cpus", type: Value_Type.SCALAR, scalar: { value: 1 } }];
        const task = { name: "t", taskId: { value: "t" }, agentId: offer.agentId, resources, command: { value: "exec sleep 600" } };
        await own.launch([offer.id?.value ?? ""], [TaskInfo.fromPartial(task)], 0);
      },
    });
  }

  async function tepui(...words: string[]): Promise<string> {
    const tool = new Tool(["cli/main.ts", ...words], { environment: { TEPUI_MASTER: `127.0.0.1:${port}` } });
    assert.equal(await tool.exited, 0, tool.error);
    return tool.out;
  }

  it("cuts what is offered, and is in force after the master was killed right after its answer", async () => {
    await until(() => isTaskRunning && [...offers.values()].includes(3));
    await operator.updateQuota([{ role: "eng", guarantees: { cpus: 1 }, limits: { cpus: 2 } }]);
    await master.end("SIGKILL");
    await startMaster();
    await until(() => offers.size > 0);
    assert.deepEqual([...offers.values()], [1]);
    assert.match(await tepui("quota", "list"), /^ROLE +OF +GUARANTEED +CONSUMED +LIMIT *\neng +cpus +1 +2 +2 *\n$/);
    assert.match(await tepui("role", "list"), /\neng\/ads +1 +1 +cpus 1 +cpus 1, .*mem 1024.* +-\n$/);
  });

  it("is set, refused and ended at the command line, and so is a weight", async () => {
    const tool = new Tool(["cli/main.ts", "quota", "set", "eng", "--limit", "cpus:0"], {
      environment: { TEPUI_MASTER: `127.0.0.1:${port}` },
    });
    assert.equal(await tool.exited, 1);
    assert.match(tool.error, /the limit of role "eng" for cpus must be at least what the role uses without force, is 0 of 1/);
    assert.equal(await tepui("quota", "set", "eng", "--limit", "cpus:0,gpus:0", "--force"), "role eng has its quota\n");
    await until(() => [...offers.values()].every((cpus) => cpus === 0));
    assert.equal(await tepui("quota", "remove", "eng"), "role eng has no quota any more\n");
    assert.equal(await tepui("quota", "list"), "no role has a quota\n");
    await until(() => [...offers.values()].includes(3));
    assert.equal(await tepui("role", "weight", "eng", "2.5"), "role eng has weight 2.5\n");
    assert.deepEqual(await operator.getWeights(), [{ role: "eng", weight: 2.5 }]);
  });

  async function until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      assert.ok(master.isRunning, "the master ended");
      await sleep(10);
    }
  }
});

function cpusOf({ resources }: Offer): number {
  return resources.reduce((sum, { name, scalar }) => sum + (name === "cpus" ? (scalar?.value ?? 0) : 0), 0);
}

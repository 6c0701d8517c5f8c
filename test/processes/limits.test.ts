/** Tasks that want more than they may have, on a real agent, and limits above what is asked for (rows B18 and T10). */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";

import { SchedulerDriver } from "../../client/scheduler-driver.ts";
import type { SchedulerEvent } from "../../client/scheduler-event.ts";
import { type Offer, type Resource, TaskInfo, TaskState, type TaskStatus, TaskStatus_Reason } from "../../protos/gen/mesos/v1/mesos.ts";
import { eat } from "../agent/containers/memory-eater.ts";
import { AgentProcess } from "./agent-process.ts";
import { MasterProcess } from "./master-process.ts";
import { offersIn } from "./sdk-cluster.ts";
import { until } from "./until.ts";

type Amounts = Readonly<Record<string, number>>;

const scalar = ([name, value]: [string, number]): Resource => ({ name, type: 0, scalar: { value }, reservations: [] });

const hasSome = ({ resources }: Offer, name: string): boolean => resources.some((one) => one.name === name);

describe("limits on a real agent", function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), "tepui-limits-"));
  const heard: SchedulerEvent[] = [];
  let master: MasterProcess;
  let agent: AgentProcess;
  let driver: SchedulerDriver;
  let run: Promise<void>;
  let isIsolated = false;
  const used = new Set<Offer>();

  before(async () => {
    master = new MasterProcess(["--registry=memory", "--allocation-interval=50ms"]);
    const { address } = await master.leading();
    const start = (isolation: string): AgentProcess =>
      new AgentProcess([
        ...["--master", address, "--work-dir", join(folder, `agent-${isolation}`), "--resources=cpus:4;mem:4096;disk:1000"],
        ...[`--isolation=${isolation}`, "--container-disk-watch-interval=100ms"],
      ]);
    agent = start("cpu,mem,disk");
    isIsolated = await Promise.race([agent.registered().then(() => true), agent.exited.then(() => false)]);
    if (!isIsolated) {
      const { code, text } = await agent.exited;
      assert.equal(code, 1);
      assert.match(text, /controller of cgroups/);
      agent = start("disk");
      await agent.registered();
    }
    driver = new SchedulerDriver({
      masters: [address],
      framework: { user: "root", name: "limits", failoverTimeout: 60, checkpoint: true, capabilities: [{ type: 5 }] },
      onEvent: (event) => void heard.push(event),
    });
    run = driver.run();
  });
  after(async () => {
    driver.stop();
    await run;
    assert.equal((await agent.end("SIGUSR1")).code, 0);
    await master.end("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });

  /** Runs a task to its end. */
  async function runTask(id: string, value: string, { asked, limits = {} }: { asked: Amounts; limits?: Amounts }): Promise<TaskStatus> {
    const offer = await until(() =>
      offersIn(heard).find((one) => !used.has(one) && Object.keys(asked).every((name) => hasSome(one, name))),
    );
    used.add(offer);
    const task = TaskInfo.fromPartial({
      name: id,
      taskId: { value: id },
      agentId: offer.agentId ?? {},
      resources: Object.entries(asked).map(scalar),
      limits: Object.fromEntries(Object.entries(limits).map(([name, amount]) => [name, { value: amount }])),
      command: { value },
    });
    await driver.launch([offer.id?.value ?? ""], [task], 0);
    const ends: readonly TaskState[] = [TaskState.TASK_FINISHED, TaskState.TASK_FAILED, TaskState.TASK_ERROR, TaskState.TASK_KILLED];
    const statuses = (): TaskStatus[] => heard.flatMap((event) => (event.kind === "update" ? [event.status] : []));
    return until(() => statuses().find(({ taskId, state }) => taskId?.value === id && ends.includes(state)));
  }

  it("B18: a task that takes more memory than it asked for fails, and its framework learns how much it took", async () => {
    const status = await runTask("greedy", eat(1_000), { asked: { cpus: 0.5, mem: 100 } });
    if (!isIsolated) return assert.equal(status.state, TaskState.TASK_FINISHED, "without isolation nothing keeps it");
    assert.deepEqual([status.state, status.reason], [TaskState.TASK_FAILED, TaskStatus_Reason.REASON_CONTAINER_LIMITATION_MEMORY]);
    const [used] = status.limitation?.resources ?? [];
    assert.equal(used?.name, "mem");
    assert.ok((used.scalar?.value ?? 0) > 90, String(used.scalar?.value));
    assert.match(status.message ?? "", /may use 100 MB/);
  });

  it("T10: with a limit above what it asked for it has that, and without isolation it is told that there is none", async () => {
    const status = await runTask("limited", eat(200), { asked: { cpus: 0.5, mem: 64 }, limits: { mem: 600 } });
    if (isIsolated) return assert.equal(status.state, TaskState.TASK_FINISHED, status.message);
    assert.match(status.message ?? "", /limits must not be set: the agent does not isolate tasks/);
  });

  it("B18: a task whose sandbox grows beyond its disk fails", async () => {
    const status = await runTask("large", "head -c 20000000 /dev/zero > file; sleep 600", { asked: { cpus: 0.1, mem: 64, disk: 10 } });
    assert.deepEqual([status.state, status.reason], [TaskState.TASK_FAILED, TaskStatus_Reason.REASON_CONTAINER_LIMITATION_DISK]);
    assert.match(status.message ?? "", /of its sandbox, and may use 10 MB/);
  });
});

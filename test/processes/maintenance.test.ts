/** A machine out of service and back, with a real master, a real agent, the SDK and `tepui maintenance`. */

import assert from "node:assert/strict";
import { globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OperatorClient } from "../../client/operator-client.ts";
import { SchedulerDriver } from "../../client/scheduler-driver.ts";
import { freePort } from "../../harness/grpc/free-port.ts";
import { InverseOfferStatus_Status } from "../../protos/gen/mesos/v1/allocator/allocator.ts";
import { FrameworkInfo_Capability_Type, TaskInfo, TaskState, TaskStatus_Reason, Value_Type } from "../../protos/gen/mesos/v1/mesos.ts";
import { MaintenancePhase } from "../../protos/gen/tepui/v1/maintenance.ts";
import { Tool } from "../cli/tool.ts";
import { AgentProcess } from "./agent-process.ts";
import { MasterProcess } from "./master-process.ts";

/** Ignores SIGTERM, so that only the end of its grace ends it. */
const stubborn = "trap '' TERM; touch ready; while :; do sleep 0.1; done";

describe("maintenance of a real machine", () => {
  let folder: string;
  let port: number;
  let master: MasterProcess;
  let agent: AgentProcess;
  let operator: OperatorClient;
  let driver: SchedulerDriver;
  let run: Promise<void>;
  let heard: string[] = [];
  let inverseOfferIds: string[] = [];
  let windows: (bigint | undefined)[] = [];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "tepui-maintenance-"));
    port = await freePort();
    [heard, inverseOfferIds, windows] = [[], [], []];
    await startMaster();
    await startAgent();
    operator = new OperatorClient({ masters: [`127.0.0.1:${port}`] });
  });
  afterEach(async () => {
    operator[Symbol.dispose]();
    driver.stop();
    await run;
    if (agent.isRunning) await agent.end("SIGUSR1");
    await master.end("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });

  async function startMaster(): Promise<void> {
    const flags = [`--port=${port}`, `--work-dir=${join(folder, "master")}`, "--allocation-interval=50ms"];
    master = new MasterProcess([...flags, "--heartbeat-interval=200ms", "--revocation-grace=300ms"]);
    await master.leading();
  }

  function launchAgent(): AgentProcess {
    const flags = ["--master", `127.0.0.1:${port}`, "--work-dir", join(folder, "agent"), "--resources=cpus:4;mem:1024"];
    return new AgentProcess([...flags, "--hostname=Machine-A", "--update-retry-min=200ms", "--registration-backoff-max=200ms"]);
  }

  async function startAgent(): Promise<string> {
    agent = launchAgent();
    return await agent.registered();
  }

  async function runTask(): Promise<void> {
    let launched = false;
    driver = new SchedulerDriver({
      masters: [`127.0.0.1:${port}`],
      framework: {
        user: "root",
        name: "maintained",
        failoverTimeout: 60,
        checkpoint: true,
        capabilities: [{ type: FrameworkInfo_Capability_Type.PARTITION_AWARE }],
      },
      reconnectMinMs: 20,
      reconnectMaxMs: 100,
      onEvent: async (event, own) => {
        if (event.kind === "inverseOffers") inverseOfferIds.push(...event.inverseOffers.map(({ id }) => id?.value ?? ""));
        if (event.kind === "rescindInverseOffer") heard.push("RESCIND_INVERSE_OFFER");
        if (event.kind === "update")
          heard.push(`${nameOf(TaskState, event.status.state)} ${nameOf(TaskStatus_Reason, event.status.reason)}`);
        if (event.kind !== "offers") return;
        windows.push(...event.offers.map(({ unavailability }) => unavailability?.start?.nanoseconds));
        const [offer] = event.offers;
        if (launched || offer === undefined) return;
        launched = true;
        const resources = [{ name: "cpus", type: Value_Type.SCALAR, scalar: { value: 1 } }];
        const fields = { name: "t", taskId: { value: "t" }, agentId: offer.agentId, resources, command: { value: stubborn } };
        await own.launch([offer.id?.value ?? ""], [TaskInfo.fromPartial(fields)], 0);
      },
    });
    run = driver.run();
    await until(() => globSync(join(folder, "agent", "**", "ready")).length > 0);
  }

  async function tepui(...words: string[]): Promise<string> {
    const tool = new Tool(["cli/main.ts", "maintenance", ...words], { environment: { TEPUI_MASTER: `127.0.0.1:${port}` } });
    assert.equal(await tool.exited, 0, tool.error);
    return tool.out;
  }

  async function phase(): Promise<MaintenancePhase | undefined> {
    return (await operator.getMaintenanceProgress()).machines[0]?.phase;
  }

  it("is planned, asked for, enforced, done and over, at the command line", async () => {
    await runTask();
    assert.match(
      await tepui("schedule", "machine-a", "in", "1h", "for", "30m"),
      /^machine machine-a is scheduled for .*, in 1h for 30m\n$/,
    );
    await until(() => inverseOfferIds.length > 0 && windows.at(-1) !== undefined);
    await driver.acceptInverseOffers([inverseOfferIds[0] ?? ""], 3600);
    await until(
      async () => (await operator.getMaintenanceStatus()).drainingMachines[0]?.statuses[0]?.status === InverseOfferStatus_Status.ACCEPT,
    );
    assert.match(
      await tepui("status"),
      /^MACHINE .*\nmachine-a +DRAINING +asking +\S+ \S+, in 59m \d+s for 30m +maintained: 1 task.*, accepted/,
    );

    await tepui("schedule", "machine-a", "now");
    await until(async () => (await phase()) === MaintenancePhase.MAINTENANCE_PHASE_EMPTY);
    await until(() => heard.at(-1) === "TASK_KILLED REASON_AGENT_DRAINING");
    assert.equal(await tepui("start", "machine-a"), "machine machine-a is down\n");
    assert.equal((await agent.exited).code, 3);
    assert.equal((await launchAgent().exited).code, 3, "no agent may come from there");
    assert.match(await tepui("status"), /machine-a +DOWN +down +.* no agent/);

    assert.equal(await tepui("stop", "machine-a"), "machine machine-a is up\n");
    assert.equal(await tepui("status"), "no machine has a maintenance window\n");
    await startAgent();
    await until(() => windows.at(-1) === undefined);
  });

  it("goes on when the master is killed at any point of it", async () => {
    await runTask();
    const machines = [{ hostname: "machine-a" }];
    const restart = async (): Promise<void> => {
      await master.end("SIGKILL");
      await startMaster();
    };
    const nowNs = BigInt(Date.now()) * 1_000_000n;
    await operator.updateMaintenanceSchedule([
      { machineIds: machines, unavailability: { start: { nanoseconds: nowNs + 3_600_000_000_000n } } },
    ]);
    await restart();
    await until(() => inverseOfferIds.length > 1);
    await operator.updateMaintenanceSchedule([{ machineIds: machines, unavailability: { start: { nanoseconds: nowNs } } }]);
    await restart();
    await until(() => heard.at(-1) === "TASK_KILLED REASON_AGENT_DRAINING");
    await operator.startMaintenance(machines);
    await restart();
    assert.equal((await agent.exited).code, 3);
    await assert.rejects(operator.updateMaintenanceSchedule([]), /FAILED_PRECONDITION: .*machine-a is missing; stop its maintenance first/);
    assert.equal((await operator.getMaintenanceStatus()).downMachines[0]?.hostname, "machine-a");
    await operator.stopMaintenance(machines);
    await startAgent();
  });
});

function nameOf(names: Readonly<Record<string, number | string>>, value: number | undefined): string {
  return Object.entries(names).find(([, number]) => number === value)?.[0] ?? "none";
}

/** Resolves as soon as it holds; mocha's own limit ends a wait for something that never does. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}

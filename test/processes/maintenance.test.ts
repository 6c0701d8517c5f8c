/** A machine out of service and back, with a real master, a real agent, the SDK and `tepui maintenance`. */

import assert from "node:assert/strict";
import { globSync } from "node:fs";
import { join } from "node:path";
import { OperatorClient } from "../../client/operator-client.ts";
import { InverseOfferStatus_Status } from "../../protos/gen/mesos/v1/allocator/allocator.ts";
import { TaskState, TaskStatus_Reason } from "../../protos/gen/mesos/v1/mesos.ts";
import { MaintenancePhase } from "../../protos/gen/tepui/v1/maintenance.ts";
import { offersIn, oneTask, SdkCluster } from "./sdk-cluster.ts";
import { until } from "./until.ts";

/** Ignores SIGTERM, so that only the end of its grace ends it. */
const stubborn = "trap '' TERM; touch ready; while :; do sleep 0.1; done";

describe("maintenance of a real machine", () => {
  let cluster: SdkCluster;
  let operator: OperatorClient;

  beforeEach(async () => {
    cluster = await SdkCluster.start({
      name: "maintained",
      masterFlags: ["--heartbeat-interval=200ms", "--revocation-grace=300ms"],
      agentFlags: ["--hostname=Machine-A"],
    });
    operator = new OperatorClient({ masters: [cluster.masterAddress] });
  });
  afterEach(async () => {
    operator[Symbol.dispose]();
    await cluster.stop();
  });

  async function runTask(): Promise<void> {
    await cluster.launch((agentId) => [oneTask(agentId, stubborn)]);
    await until(() => globSync(join(cluster.workDir, "**", "ready")).length > 0);
  }

  const inverseOfferIds = (): readonly string[] =>
    cluster.heard.flatMap((event) => (event.kind === "inverseOffers" ? event.inverseOffers.map(({ id }) => id?.value ?? "") : []));

  /** When the machine of the newest offer goes, in Unix nanoseconds. */
  const window = (): bigint | undefined => offersIn(cluster.heard).at(-1)?.unavailability?.start?.nanoseconds;

  /** Whether the last that was said of tasks and inverse offers is that the task was killed for the maintenance. */
  function isKilled(): boolean {
    const last = cluster.heard.findLast(({ kind }) => kind === "update" || kind === "rescindInverseOffer");
    return (
      last?.kind === "update" &&
      last.status.state === TaskState.TASK_KILLED &&
      last.status.reason === TaskStatus_Reason.REASON_AGENT_DRAINING
    );
  }

  const tepui = (...words: string[]): Promise<string> => cluster.tepui("maintenance", ...words);

  async function phase(): Promise<MaintenancePhase | undefined> {
    return (await operator.getMaintenanceProgress()).machines[0]?.phase;
  }

  it("is planned, asked for, enforced, done and over, at the command line", async () => {
    await runTask();
    assert.match(
      await tepui("schedule", "machine-a", "in", "1h", "for", "30m"),
      /^machine machine-a is scheduled for .*, in 1h for 30m\n$/,
    );
    await until(() => inverseOfferIds().length > 0 && window() !== undefined);
    await cluster.driver.acceptInverseOffers([inverseOfferIds()[0] ?? ""], 3600);
    await until(
      async () => (await operator.getMaintenanceStatus()).drainingMachines[0]?.statuses[0]?.status === InverseOfferStatus_Status.ACCEPT,
    );
    assert.match(
      await tepui("status"),
      // What is said of the time depends on how long this has taken.
      /^MACHINE .*\nmachine-a +DRAINING +asking +\S+ \S+, in (?:1h|59m|59m \d+s) for 30m +maintained: 1 task.*, accepted/,
    );

    await tepui("schedule", "machine-a", "now");
    await until(async () => (await phase()) === MaintenancePhase.MAINTENANCE_PHASE_EMPTY);
    await until(isKilled);
    assert.equal(await tepui("start", "machine-a"), "machine machine-a is down\n");
    assert.equal((await cluster.agent.exited).code, 3);
    assert.equal((await cluster.newAgent().exited).code, 3, "no agent may come from there");
    assert.match(await tepui("status"), /machine-a +DOWN +down +.* no agent/);

    assert.equal(await tepui("stop", "machine-a"), "machine machine-a is up\n");
    assert.equal(await tepui("status"), "no machine has a maintenance window\n");
    await cluster.startAgent();
    await until(() => window() === undefined);
  });

  it("goes on when the master is killed at any point of it", async () => {
    await runTask();
    const machines = [{ hostname: "machine-a" }];
    const restart = async (): Promise<void> => {
      await cluster.master.end("SIGKILL");
      await cluster.startMaster();
    };
    const nowNs = BigInt(Date.now()) * 1_000_000n;
    await operator.updateMaintenanceSchedule([
      { machineIds: machines, unavailability: { start: { nanoseconds: nowNs + 3_600_000_000_000n } } },
    ]);
    await restart();
    await until(() => inverseOfferIds().length > 1);
    await operator.updateMaintenanceSchedule([{ machineIds: machines, unavailability: { start: { nanoseconds: nowNs } } }]);
    await restart();
    await until(isKilled);
    await operator.startMaintenance(machines);
    await restart();
    assert.equal((await cluster.agent.exited).code, 3);
    await assert.rejects(operator.updateMaintenanceSchedule([]), /FAILED_PRECONDITION: .*machine-a is missing; stop its maintenance first/);
    assert.equal((await operator.getMaintenanceStatus()).downMachines[0]?.hostname, "machine-a");
    await operator.stopMaintenance(machines);
    await cluster.startAgent();
  });
});

/** The reference's own cases of machine maintenance with a real master and, where a machine matters, real agents. */

import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "mocha";
import { InverseOfferStatus_Status } from "../../protos/gen/mesos/v1/allocator/allocator.ts";
import type { MachineID } from "../../protos/gen/mesos/v1/mesos.ts";
import { CaseCluster, type CaseFramework, laterWindow, machinesOf, pass } from "./case-cluster.ts";
import { until } from "./until.ts";

/** Some allocations of the cluster: what comes of itself has come. */
const someAllocationsMs = 400;

const idOf = ({ id }: { id?: { value: string } | undefined }): string => id?.value ?? "";

describe("the reference's cases of maintenance on a real cluster", () => {
  let cluster: CaseCluster;

  before(async () => {
    cluster = await CaseCluster.start();
  });
  after(() => cluster.end());
  afterEach(() => cluster.endCase());

  const scheduled = async (): Promise<(string | undefined)[][]> =>
    (await cluster.operator.getMaintenanceSchedule()).windows.map(({ machineIds }) => machineIds.map(({ hostname }) => hostname));

  const modes = async () => {
    const { drainingMachines, downMachines } = await cluster.operator.getMaintenanceStatus();
    return { draining: drainingMachines.map(({ id }) => id?.hostname), down: downMachines.map(({ hostname }) => hostname) };
  };

  const answers = async (): Promise<(InverseOfferStatus_Status | undefined)[]> => {
    const { drainingMachines } = await cluster.operator.getMaintenanceStatus();
    return drainingMachines.flatMap(({ statuses }) => statuses.map(({ status }) => status));
  };

  async function runOn(hostname: string): Promise<{ agentId: string; framework: CaseFramework }> {
    const { agentId } = await cluster.startAgent(hostname);
    const framework = await cluster.subscribe();
    await framework.runTask(agentId);
    return { agentId, framework };
  }

  it("M1: a schedule is taken, shown and deleted; an empty window, a negative duration, a blank machine or one twice is not", async () => {
    const { operator } = cluster;
    const window = laterWindow("m1");
    await operator.updateMaintenanceSchedule([window]);
    assert.deepEqual(
      (await operator.getMaintenanceSchedule()).windows.map(({ machineIds, unavailability }) => [machineIds[0]?.hostname, unavailability]),
      [["m1", window.unavailability]],
    );
    const wrong = [
      [laterWindow()],
      [{ ...window, unavailability: { start: { nanoseconds: 0n }, duration: { nanoseconds: -1n } } }],
      [window, laterWindow("m1")],
      [{ ...window, machineIds: [{}] }],
    ];
    for (const windows of wrong) await assert.rejects(operator.updateMaintenanceSchedule(windows), /INVALID_ARGUMENT: .*schedule.windows/);
    assert.deepEqual(await scheduled(), [["m1"]], "a refused schedule changes nothing");
    await operator.updateMaintenanceSchedule([{ ...window, unavailability: { start: { nanoseconds: -1n } } }]);
    await operator.updateMaintenanceSchedule([laterWindow("m1", "m1-other")]);
    assert.deepEqual(await scheduled(), [["m1", "m1-other"]]);
    await operator.updateMaintenanceSchedule([]);
    assert.deepEqual(await scheduled(), []);
  });

  it("M2: a machine that is DOWN cannot be left out of the schedule", async () => {
    await cluster.operator.updateMaintenanceSchedule([laterWindow("m2", "m2-other")]);
    await cluster.operator.startMaintenance(machinesOf("m2"));
    await assert.rejects(cluster.operator.updateMaintenanceSchedule([laterWindow("m2-other")]), /FAILED_PRECONDITION: .*m2 is missing/);
    assert.deepEqual(await scheduled(), [["m2", "m2-other"]]);
  });

  it("M3: an ordinary offer is rescinded, and comes again with the window; one inverse offer comes, and nothing more", async () => {
    const { agentId } = await cluster.startAgent("m3");
    const framework = await cluster.subscribe();
    const first = idOf(await framework.offerOf(agentId));
    const window = laterWindow("m3");
    await cluster.operator.updateMaintenanceSchedule([window]);
    await until(() => framework.rescinded.includes(first));
    const second = await framework.offerOf(agentId);
    assert.deepEqual(second.unavailability, window.unavailability);
    assert.deepEqual((await framework.question(0)).unavailability, window.unavailability);
    await pass(someAllocationsMs);
    assert.deepEqual([[...framework.offers.keys()], framework.rescinded, framework.questions.length], [[idOf(second)], [first], 1]);
  });

  it("M5: at DOWN the agent is told to end, its task is lost, and so is whoever comes from there until the machine is up", async () => {
    const { agent, agentId } = await cluster.startAgent("m5");
    const framework = await cluster.subscribe();
    await framework.runTask(agentId);
    await cluster.operator.updateMaintenanceSchedule([laterWindow("m5")]);
    await cluster.operator.startMaintenance(machinesOf("m5"));
    assert.equal((await agent.exited).code, 3);
    await until(() => framework.heard.includes("FAILURE"));
    assert.deepEqual(framework.heard.slice(1), ["TASK_LOST REASON_AGENT_REMOVED", "FAILURE"]);
    assert.equal((await cluster.launchAgent("m5").exited).code, 3);
    await cluster.operator.stopMaintenance(machinesOf("m5"));
    await cluster.startAgent("m5");
  });

  it("M6: only machines that drain go DOWN, all of a list or none", async () => {
    const { operator } = cluster;
    const down = (machines: readonly MachineID[]): Promise<void> => operator.startMaintenance(machines);
    await assert.rejects(down(machinesOf("m6")), /NOT_FOUND: .*m6/);
    await assert.rejects(down([]), /INVALID_ARGUMENT: .*machines/);
    await assert.rejects(down([{}]), /INVALID_ARGUMENT: .*machines/);
    await operator.updateMaintenanceSchedule([laterWindow("m6", "m6-other")]);
    await down(machinesOf("m6"));
    await assert.rejects(down(machinesOf("m6")), /FAILED_PRECONDITION: .*m6/);
    await assert.rejects(down(machinesOf("m6-other", "m6")), /FAILED_PRECONDITION: .*m6/);
    assert.deepEqual(await modes(), { draining: ["m6-other"], down: ["m6"] });
    await down(machinesOf("m6-other"));
    assert.deepEqual(await modes(), { draining: [], down: ["m6", "m6-other"] });
  });

  it("M7: only machines that are DOWN come up, and leave the schedule", async () => {
    const { operator } = cluster;
    await assert.rejects(operator.stopMaintenance(machinesOf("m7")), /NOT_FOUND: .*m7/);
    await operator.updateMaintenanceSchedule([laterWindow("m7"), laterWindow("m7-other")]);
    await assert.rejects(operator.stopMaintenance(machinesOf("m7")), /FAILED_PRECONDITION: .*m7/);
    await operator.startMaintenance(machinesOf("m7"));
    await operator.stopMaintenance(machinesOf("m7"));
    assert.deepEqual(await scheduled(), [["m7-other"]]);
    await operator.startMaintenance(machinesOf("m7-other"));
    await operator.stopMaintenance(machinesOf("m7-other"));
    assert.deepEqual(await scheduled(), []);
  });

  it("M8: the status lists machines that drain and those that are DOWN", async () => {
    await cluster.operator.updateMaintenanceSchedule([laterWindow("m8", "m8-other")]);
    assert.deepEqual(await modes(), { draining: ["m8", "m8-other"], down: [] });
    await cluster.operator.startMaintenance(machinesOf("m8"));
    assert.deepEqual(await modes(), { draining: ["m8-other"], down: ["m8"] });
    await cluster.operator.stopMaintenance(machinesOf("m8"));
    assert.deepEqual(await modes(), { draining: ["m8-other"], down: [] });
  });

  it("M9: what was declined and what was accepted is shown, and asked again at the next batch", async () => {
    const window = laterWindow("m9");
    await cluster.operator.updateMaintenanceSchedule([window]);
    assert.deepEqual(await modes(), { draining: ["m9"], down: [] });
    const { agentId } = await cluster.startAgent("m9");
    const framework = await cluster.subscribe();
    assert.deepEqual((await framework.offerOf(agentId)).unavailability, window.unavailability);
    await framework.runTask(agentId);
    await framework.driver.declineInverseOffers([idOf(await framework.question(0))], 0);
    await framework.question(1);
    assert.deepEqual(await answers(), [InverseOfferStatus_Status.DECLINE]);
    await framework.driver.acceptInverseOffers([idOf(await framework.question(1))], 0);
    await framework.question(2);
    assert.deepEqual(await answers(), [InverseOfferStatus_Status.ACCEPT]);
  });

  it("M10: a filter keeps the question about one agent away, and not about another", async () => {
    const { framework } = await runOn("m10");
    const { agentId: other } = await cluster.startAgent("m10-other");
    await framework.runTask(other, { name: "other" });
    await cluster.operator.updateMaintenanceSchedule([laterWindow("m10", "m10-other")]);
    await framework.question(1);
    const kept = framework.questions.find(({ agentId }) => agentId?.value === other);
    const filtered = framework.questions.find(({ agentId }) => agentId?.value !== other);
    assert.ok(kept !== undefined && filtered !== undefined);
    await framework.driver.declineInverseOffers([idOf(filtered)], 3_600);
    await framework.driver.acceptInverseOffers([idOf(kept)], 0);
    await framework.question(2);
    await pass(someAllocationsMs);
    assert.deepEqual(
      framework.questions.slice(2).map(({ agentId }) => agentId?.value),
      [other],
    );
  });

  it("M12: an inverse offer that nobody made can be accepted without any effect", async () => {
    const { framework } = await runOn("m12");
    await cluster.operator.updateMaintenanceSchedule([laterWindow("m12")]);
    const asked = await framework.question(0);
    await framework.driver.acceptInverseOffers(["made up"], 0);
    await pass(someAllocationsMs);
    assert.deepEqual([await answers(), framework.questions], [[], [asked]]);
  });
});

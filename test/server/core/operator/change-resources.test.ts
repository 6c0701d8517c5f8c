/** Reservations and volumes that operators order: on what is free or only offered, answered when the agent has them on disk. */

import assert from "node:assert/strict";
import { AgentId } from "../../../../common/ids.ts";
import type { OperationState } from "../../../../common/operation-status.ts";
import type { Resource } from "../../../../common/resource.ts";
import type { ResourceOperation } from "../../../../common/resource-operations.ts";
import { addResources, describeResources, type Resources, toResources } from "../../../../common/resources.ts";
import { FrameworkInfo, FrameworkInfo_Capability_Type } from "../../../../protos/gen/mesos/v1/mesos.ts";
import { type ConnectedAgent, cpusAndMem, describeTask, MasterDriver } from "../master-driver.ts";

const disk = (milli: number, more: Partial<Resource> = {}): Resource => ({
  name: "disk",
  value: { kind: "scalar", milli },
  reservations: [],
  ...more,
});
const dynamic = (role: string) => ({ type: "DYNAMIC", role }) as const;
const reserved = (milli: number, role = "web"): Resource => disk(milli, { reservations: [dynamic(role)] });
const volume = (milli: number, id = "v", more: Partial<Resource> = {}): Resource => ({
  ...reserved(milli),
  disk: { persistence: { id }, volume: { containerPath: "data", mode: "RW" } },
  ...more,
});
const reserve = (...resources: Resource[]): ResourceOperation => ({ kind: "reserve", source: [], resources: toResources(resources) });
const total = addResources(cpusAndMem(4, 4_096), toResources([disk(10_000)]));

interface World {
  readonly driver: MasterDriver;
  readonly agent: ConnectedAgent;
}

function start(resources: Resources = total): World {
  const driver = new MasterDriver().lead();
  return { driver, agent: driver.register(resources) };
}

function order({ driver, agent }: World, operation: ResourceOperation): number {
  return driver.order({ kind: "changeResources", agentId: agent.agentId, operation });
}

/** The agent says how the last order that it was sent ended. */
function answer({ driver, agent }: World, state: OperationState = "OPERATION_FINISHED", message?: string): void {
  const sent = driver.takeMessages(agent, "applyOperation").at(-1);
  assert.ok(sent !== undefined, "an operation was sent");
  const status = { operationId: undefined, state, message, converted: [], uuid: sent.key.uuid, agentId: agent.agentId };
  driver.say(agent.linkId, { kind: "operationUpdate", key: sent.key, status });
}

/** The order is done. */
function done(world: World, ...operations: ResourceOperation[]): void {
  for (const operation of operations) {
    const callId = order(world, operation);
    answer(world);
    assert.equal(world.driver.outcomeOf(callId), "done");
  }
}

/** Without cpus and memory. */
function diskOf({ driver }: World): string {
  const resources = driver.operator("getAgents").agents.agents[0]?.totalResources ?? [];
  return resources
    .filter(({ name }) => name === "disk")
    .map(({ scalar, reservations, disk: source }) => {
      const roles = reservations.map(({ role }) => `(${role})`).join("");
      return `${scalar?.value}${roles}${source?.persistence === undefined ? "" : `[${source.persistence.id}]`}`;
    })
    .join(" ");
}

describe("resources that an operator orders", () => {
  it("are answered when the agent has them, and acknowledged to it", () => {
    const world = start();
    const { driver, agent } = world;
    const callId = order(world, reserve(reserved(4_000)));
    assert.equal(driver.outcomeOf(callId), undefined);
    const [pending] = driver.operator("getOperations").operations.operations;
    assert.deepEqual(
      [pending?.frameworkId, pending?.agentId?.value, pending?.info?.type, pending?.latestStatus?.state],
      [undefined, agent.agentId, 2, 1],
    );
    answer(world);
    assert.equal(driver.outcomeOf(callId), "done");
    assert.equal(driver.takeMessages(agent, "acknowledgeOperation").length, 1);
    assert.deepEqual(driver.operator("getOperations").operations.operations, []);
    assert.equal(diskOf(world), "6 4(web)");
  });

  it("go through a whole life: reserve, refine, create, grow, shrink, destroy, unreserve", () => {
    const world = start();
    const refined = disk(2_000, { reservations: [dynamic("web"), dynamic("web/ads")] });
    done(world, reserve(reserved(4_000)), reserve(refined));
    assert.equal(diskOf(world), "6 2(web) 2(web)(web/ads)");
    done(world, { kind: "unreserve", resources: toResources([refined]) }, { kind: "create", volumes: toResources([volume(1_000)]) });
    done(world, { kind: "growVolume", volume: volume(1_000), addition: reserved(1_000) });
    assert.equal(diskOf(world), "6 2(web) 2(web)[v]");
    done(world, { kind: "shrinkVolume", volume: volume(2_000), subtractMilli: 500 });
    assert.equal(diskOf(world), "6 2.5(web) 1.5(web)[v]");
    done(
      world,
      { kind: "destroy", volumes: toResources([volume(1_500)]) },
      { kind: "unreserve", resources: toResources([reserved(4_000)]) },
    );
    assert.equal(diskOf(world), "10");
  });

  it("are reserved anew from a source: for another role, without a moment in between", () => {
    const world = start();
    done(world, reserve(reserved(4_000)));
    const [source, resources] = [toResources([reserved(4_000)]), toResources([reserved(4_000, "batch")])];
    done(world, { kind: "reserve", source, resources });
    assert.equal(diskOf(world), "6 4(batch)");
  });

  it("are taken from offers, as many as it needs, and are offered to their role", () => {
    const world = start(addResources(cpusAndMem(4, 4_096), toResources([disk(10_000)])));
    const { driver } = world;
    const scheduler = driver.subscribe();
    const { offerId } = driver.takeOffer(scheduler);
    const web = driver.subscribe({ roles: ["web"], multiRole: true });
    done(world, reserve(reserved(4_000)));
    assert.deepEqual(
      driver.takeEvents(scheduler, "rescind").map((event) => event.offerId),
      [offerId],
    );
    driver.advance(1_000);
    const offered = [scheduler, web].map((one) => describeResources(driver.takeOffers(one).flatMap(({ resources }) => resources)));
    assert.ok(offered[1]?.includes("disk(allocated: web)(reservations: [(DYNAMIC,web)]):4"), offered[1]);
    assert.ok(!offered[0]?.includes("DYNAMIC"), offered[0]);
  });

  it("leave offers alone that they do not need", () => {
    const world = start();
    const { driver } = world;
    const first = driver.subscribe();
    const offer = driver.takeOffer(first);
    // The task takes the processors; what is left goes into another offer.
    driver.launch(first, offer, { resources: cpusAndMem(4, 1_024) });
    driver.advance(1_000);
    assert.equal(driver.takeOffers(first).length, 1);
    const callId = order(world, reserve({ name: "cpus", value: { kind: "scalar", milli: 1_000 }, reservations: [dynamic("web")] }));
    assert.equal(driver.refusalOf(callId)?.code, "FAILED_PRECONDITION");
    assert.match(driver.refusalOf(callId)?.message ?? "", /^reserve_resources must be about resources that are free: free or offered are /);
    assert.deepEqual(driver.takeEvents(first, "rescind"), []);
    assert.deepEqual(driver.takeMessages(world.agent, "applyOperation"), []);
  });

  it("are refused when a task has them, and volumes that are shared also while they are used", () => {
    const world = start();
    const { driver, agent } = world;
    const shared = volume(1_000, "s", { shared: true });
    done(world, reserve(reserved(4_000)), { kind: "create", volumes: toResources([shared]) });
    const capabilities = [FrameworkInfo_Capability_Type.SHARED_RESOURCES, FrameworkInfo_Capability_Type.RESERVATION_REFINEMENT];
    const info = FrameworkInfo.create({ name: "web", user: "user", capabilities: capabilities.map((type) => ({ type })) });
    const web = driver.subscribe({ roles: ["web"], multiRole: true, info });
    driver.advance(1_000);
    const offer = driver.takeOffers(web).at(-1);
    assert.ok(offer !== undefined && describeResources(offer.resources).includes("[s:data]"), "the shared volume is offered");
    const resources = addResources(cpusAndMem(1, 32), toResources([shared]));
    driver.call(web, {
      kind: "accept",
      offerIds: [offer.offerId],
      operations: [{ kind: "launch", tasks: [describeTask({ agentId: agent.agentId, resources })] }],
      refuseMs: 0,
    });
    const destroy: ResourceOperation = { kind: "destroy", volumes: toResources([shared]) };
    assert.match(driver.refusalOf(order(world, destroy))?.message ?? "", /^destroy_volumes.volumes must not be in use, task task of agent/);
    driver.call(web, { kind: "teardown" });
    done(world, destroy);
  });

  it("are refused with the agent's words when it does not do it, and when it is lost on the way", () => {
    const world = start();
    const { driver, agent } = world;
    const failed = order(world, reserve(reserved(1_000)));
    answer(world, "OPERATION_DROPPED", "it was based on the past");
    assert.deepEqual(driver.refusalOf(failed), {
      code: "FAILED_PRECONDITION",
      message: `agent ${agent.agentId} did not do it: it was based on the past; look at its resources, then try again`,
    });
    const lost = order(world, reserve(reserved(1_000)));
    driver.closeLink(agent);
    assert.equal(driver.refusalOf(lost)?.code, "UNAVAILABLE");
    assert.match(driver.refusalOf(lost)?.message ?? "", /was lost before it answered/);
    assert.deepEqual(driver.operator("getOperations").operations.operations, []);
    // A late word about it is only acknowledged.
    const back = driver.reregister(agent.agentId);
    const key = { uuid: driver.takeMessages(agent, "applyOperation").at(-1)?.key.uuid, frameworkId: undefined, operationId: undefined };
    assert.ok(key.uuid !== undefined);
    const status = { operationId: undefined, state: "OPERATION_FINISHED", message: undefined, converted: [] } as const;
    driver.say(back.linkId, {
      kind: "operationUpdate",
      key: { ...key, uuid: key.uuid },
      status: { ...status, uuid: key.uuid, agentId: agent.agentId },
    });
    assert.equal(driver.takeMessages(back, "acknowledgeOperation").length, 1);
  });

  it("are refused for agents that cannot take them, with the reason", () => {
    const world = start();
    const { driver, agent } = world;
    const operation = reserve(reserved(1_000));
    const refusal = (agentId: AgentId) => driver.refusalOf(driver.order({ kind: "changeResources", agentId, operation }));
    const { agentId } = agent;
    assert.deepEqual(refusal(AgentId("x")), {
      code: "NOT_FOUND",
      message: "reserve_resources.agent_id must be of an agent of the cluster, x is not known",
    });
    driver.order({ kind: "deactivateAgent", agentId });
    done(world, operation);
    driver.order({ kind: "reactivateAgent", agentId });
    const scheduler = driver.subscribe();
    driver.advance(1_000);
    driver.launch(scheduler, driver.takeOffer(scheduler));
    driver.order({ kind: "drainAgent", agentId, maxGraceMs: undefined, markGone: false });
    assert.match(refusal(agentId)?.message ?? "", /must be of an agent that does not drain/);
    driver.closeLink(agent);
    assert.match(refusal(agentId)?.message ?? "", /must be of an agent that does not drain/);
    const other = driver.register(total, "other");
    driver.closeLink(other);
    assert.match(refusal(other.agentId)?.message ?? "", /must be of a connected agent, .* is disconnected$/);
    driver.advance(700_000);
    assert.match(refusal(other.agentId)?.message ?? "", /must be of a connected agent, .* is unreachable$/);
    const next = new MasterDriver({}, driver.registry);
    const registered = driver.register(total, "third");
    next.lead();
    const callId = next.order({ kind: "changeResources", agentId: registered.agentId, operation });
    assert.match(next.refusalOf(callId)?.message ?? "", /has not come back since this master leads$/);
  });

  const someVolume = toResources([volume(1_000)]);
  const rules: readonly [name: string, operation: ResourceOperation, message: RegExp][] = [
    ["nothing reserved", reserve(disk(1)), /^reserve_resources.resources\[0\] must carry a reservation of type DYNAMIC, has none$/],
    ["a static reservation", reserve(disk(1, { reservations: [{ type: "STATIC", role: "web" }] })), /has one of type STATIC$/],
    ["the default role", reserve(reserved(1, "*")), /must not be reserved for role "\*"$/],
    ["a revocable resource", reserve({ ...reserved(1), revocable: true }), /must not be revocable$/],
    ["a volume that is reserved", reserve(volume(1)), /must not be a persistent volume$/],
    [
      "a source that is something else",
      { kind: "reserve", source: toResources([reserved(2)]), resources: toResources([reserved(1)]) },
      /^reserve_resources.source must be what reserve_resources.resources are without dynamic reservations, is /,
    ],
    [
      "a source with a volume",
      { kind: "reserve", source: someVolume, resources: toResources([reserved(1_000)]) },
      /^reserve_resources.source\[0\] must not be a persistent volume$/,
    ],
    ["what is not reserved", { kind: "unreserve", resources: toResources([disk(1)]) }, /^unreserve_resources.resources\[0\] must carry/],
    [
      "a volume without an id",
      { kind: "create", volumes: toResources([reserved(1)]) },
      /^create_volumes.volumes\[0\].disk.persistence must be/,
    ],
    [
      "a volume on disk of nobody",
      { kind: "create", volumes: toResources([volume(1, "v", { reservations: [] })]) },
      /^create_volumes.volumes\[0\] must be reserved/,
    ],
    [
      "what is no volume",
      { kind: "destroy", volumes: toResources([reserved(1)]) },
      /^destroy_volumes.volumes\[0\] must be a persistent volume$/,
    ],
    ["more of something else", { kind: "growVolume", volume: volume(1), addition: disk(1) }, /^grow_volume.addition must be of the kind/],
    ["all of a volume", { kind: "shrinkVolume", volume: volume(1), subtractMilli: 1 }, /^shrink_volume.subtract must be less than/],
  ];
  for (const [name, operation, message] of rules) {
    it(`are refused with the field and the rule: ${name}`, () => {
      const world = start();
      const refusal = world.driver.refusalOf(order(world, operation));
      assert.equal(refusal?.code, "INVALID_ARGUMENT");
      assert.match(refusal.message, message);
      assert.equal(diskOf(world), "10");
    });
  }

  it("are refused when the volume's id is taken, or the agent does not have them", () => {
    const world = start();
    done(world, reserve(reserved(4_000)), { kind: "create", volumes: someVolume });
    const refusal = (operation: ResourceOperation) => world.driver.refusalOf(order(world, operation));
    assert.match(
      refusal({ kind: "create", volumes: toResources([volume(2_000)]) })?.message ?? "",
      /must be new for its role on the agent, is v$/,
    );
    assert.equal(refusal({ kind: "destroy", volumes: toResources([volume(1_000, "w")]) })?.code, "FAILED_PRECONDITION");
    assert.equal(refusal(reserve(reserved(7_000)))?.code, "FAILED_PRECONDITION");
    assert.equal(diskOf(world), "6 3(web) 1(web)[v]");
  });
});

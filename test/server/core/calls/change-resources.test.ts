/** ACCEPT with operations on resources: what they do to the offers, in which order, and what is refused with which reason. */

import assert from "node:assert/strict";
import { AgentId, OfferId, OperationId, TaskId, Uuid } from "../../../../common/ids.ts";
import type { OperationState } from "../../../../common/operation-status.ts";
import type { Resource } from "../../../../common/resource.ts";
import type { ResourceOperation } from "../../../../common/resource-operations.ts";
import { addResources, describeResources, type Resources, toResources } from "../../../../common/resources.ts";
import { FrameworkInfo } from "../../../../protos/gen/mesos/v1/mesos.ts";
import type { AgentHoldings } from "../../../../server/core/agent-message.ts";
import type { FrameworkDescription, OfferOperation } from "../../../../server/core/calls/call.ts";
import { type ConnectedAgent, cpusAndMem, describeAgent, describeTask, MasterDriver, type Scheduler } from "../master-driver.ts";

const disk = (milli: number, more: Partial<Resource> = {}): Resource => ({
  name: "disk",
  value: { kind: "scalar", milli },
  reservations: [],
  ...more,
});
const owner = { type: "DYNAMIC", role: "web", principal: "alice" } as const;
const reserved = (milli: number): Resource => disk(milli, { reservations: [owner] });
const volume = (milli: number, id = "v"): Resource => ({
  ...reserved(milli),
  disk: { persistence: { id, principal: "alice" }, volume: { containerPath: "data", mode: "RW" } },
});
const total = addResources(cpusAndMem(4, 4_096), toResources([disk(10_000)]));

const reserve = (...resources: Resource[]): ResourceOperation => ({ kind: "reserve", source: [], resources: toResources(resources) });
const create = (...volumes: Resource[]): ResourceOperation => ({ kind: "create", volumes: toResources(volumes) });
const destroy = (...volumes: Resource[]): ResourceOperation => ({ kind: "destroy", volumes: toResources(volumes) });
const unreserve = (...resources: Resource[]): ResourceOperation => ({ kind: "unreserve", resources: toResources(resources) });

function change(operation: ResourceOperation, id?: string): OfferOperation {
  const operationId = id === undefined ? undefined : OperationId(id);
  return { kind: operation.kind, change: { name: operation.kind.toUpperCase(), operationId, operation, problem: undefined } };
}

const web: Partial<FrameworkDescription> = {
  roles: ["web"],
  multiRole: true,
  partitionAware: true,
  principal: "alice",
  info: FrameworkInfo.create({ name: "framework", user: "user", capabilities: [{ type: 7 }] }),
};

interface Started {
  readonly driver: MasterDriver;
  readonly agent: ConnectedAgent;
  readonly scheduler: Scheduler;
}

function start(framework: Partial<FrameworkDescription> = web, resources: Resources = total): Started {
  const driver = new MasterDriver().lead();
  const agent = driver.register(resources);
  return { driver, agent, scheduler: driver.subscribe(framework) };
}

/** Uses all offers that are there; answers what the next ones have. */
function accept({ driver, scheduler }: Started, ...operations: OfferOperation[]): string {
  const offerIds = driver.takeOffers(scheduler).map(({ offerId }) => offerId);
  assert.equal(driver.call(scheduler, { kind: "accept", offerIds, operations, refuseMs: 0 }), undefined);
  driver.advance(1_000);
  return offered({ driver, scheduler });
}

function offered({ driver, scheduler }: Pick<Started, "driver" | "scheduler">): string {
  const offer = driver.takeOffers(scheduler).at(-1);
  if (offer === undefined) return "nothing";
  // Kept for the next ACCEPT.
  driver.call(scheduler, { kind: "decline", offerIds: [offer.offerId], refuseMs: 0 });
  driver.advance(1_000);
  return describeResources(offer.resources.filter(({ name }) => name === "disk").map(({ allocationRole: _, ...entry }) => entry));
}

function states({ driver, scheduler }: Started): [string | undefined, OperationState, string | undefined][] {
  return driver.takeEvents(scheduler, "operationUpdate").map(({ status }) => [status.operationId, status.state, status.message]);
}

describe("ACCEPT with operations on resources", () => {
  it("reserves, and offers what is reserved to the role", () => {
    const world = start();
    assert.equal(accept(world, change(reserve(reserved(4_000)))), "disk:6;disk(reservations: [(DYNAMIC,web,alice)]):4");
    const [order] = world.driver.takeMessages(world.agent, "applyOperation");
    assert.equal(order?.operation.kind, "reserve");
    assert.deepEqual(states(world), []);
  });

  it("offers what is reserved to nobody else", () => {
    const world = start();
    accept(world, change(reserve(reserved(10_000))));
    world.driver.closeStream(world.scheduler);
    const other = world.driver.subscribe({ roles: ["batch"], multiRole: true });
    assert.equal(offered({ driver: world.driver, scheduler: other }), "{}");
  });

  it("works through a whole pipeline in one call: reserve, create, launch on the volume", () => {
    const world = start();
    const { agentId } = world.agent;
    const resources = addResources(cpusAndMem(1, 512), toResources([volume(1_000)]));
    const launch: OfferOperation = { kind: "launch", tasks: [describeTask({ agentId, resources, taskId: TaskId("t") })] };
    const rest = accept(world, change(reserve(reserved(4_000))), change(create(volume(1_000))), launch);
    assert.equal(rest, "disk:6;disk(reservations: [(DYNAMIC,web,alice)]):3");
    const kinds = world.driver.effects.flatMap((effect) => (effect.kind === "sendToAgent" ? [effect.message.kind] : []));
    assert.deepEqual(
      kinds.filter((kind) => kind === "applyOperation" || kind === "runTask"),
      ["applyOperation", "applyOperation", "runTask"],
    );
    assert.deepEqual(world.driver.takeUpdates(world.scheduler), []);
  });

  it("destroys a volume and takes the reservation away", () => {
    const world = start();
    accept(world, change(reserve(reserved(4_000))), change(create(volume(1_000))));
    assert.equal(accept(world, change(destroy(volume(1_000))), change(unreserve(reserved(4_000)))), "disk:10");
  });

  it("resizes volumes, and what comes out of it cannot be used by the same call", () => {
    const world = start();
    accept(world, change(reserve(reserved(4_000))), change(create(volume(1_000))));
    const grown = accept(
      world,
      change({ kind: "growVolume", volume: volume(1_000), addition: reserved(500) }),
      change(destroy(volume(1_500)), "too-early"),
    );
    assert.equal(grown, "disk:6;disk(reservations: [(DYNAMIC,web,alice)]):2.5;disk(reservations: [(DYNAMIC,web,alice)])[v:data]:1.5");
    assert.deepEqual(
      states(world).map(([id, state]) => [id, state]),
      [["too-early", "OPERATION_ERROR"]],
    );
    const shrunk = accept(world, change({ kind: "shrinkVolume", volume: volume(1_500), subtractMilli: 1_000 }));
    assert.equal(shrunk, "disk:6;disk(reservations: [(DYNAMIC,web,alice)]):3.5;disk(reservations: [(DYNAMIC,web,alice)])[v:data]:0.5");
  });

  it("skips an operation that is refused and goes on with the next", () => {
    const world = start();
    assert.equal(accept(world, change(create(volume(1_000)), "a"), change(reserve(reserved(4_000)), "b")).includes("4"), true);
    assert.deepEqual(
      states(world).map(([id, state]) => [id, state]),
      [["a", "OPERATION_ERROR"]],
    );
  });

  it("keeps what was declined from the framework, and what was changed not", () => {
    const world = start();
    const offerIds = world.driver.takeOffers(world.scheduler).map(({ offerId }) => offerId);
    const operations = [change(reserve(reserved(4_000), { ...reserved(1), name: "mem", value: { kind: "scalar", milli: 64_000 } }))];
    world.driver.call(world.scheduler, { kind: "accept", offerIds, operations, refuseMs: 100_000 });
    world.driver.advance(1_000);
    assert.equal(world.driver.takeOffers(world.scheduler).length, 1);
  });

  it("says OPERATION_ERROR of every named operation when the offers cannot be used", () => {
    const world = start();
    const call = {
      kind: "accept",
      offerIds: [OfferId("gone")],
      operations: [change(reserve(reserved(1)), "a"), change(reserve(reserved(1)))],
    } as const;
    world.driver.call(world.scheduler, { ...call, refuseMs: 0 });
    assert.deepEqual(states(world), [["a", "OPERATION_ERROR", "RESERVE: Invalid offers: offer gone is no longer valid"]]);
  });

  const source = (type: "PATH" | "MOUNT") => ({ source: { type, root: "/d" } });
  const onDisk = (type: "PATH" | "MOUNT", milli: number): Resource => ({ ...reserved(milli), disk: source(type) });
  const volumeOn = (type: "PATH" | "MOUNT", milli: number): Resource => ({
    ...volume(milli),
    disk: { ...volume(milli).disk, ...source(type) },
  });
  const withDisk = (type: "PATH" | "MOUNT") => addResources(cpusAndMem(4, 4_096), toResources([disk(4_000, { disk: source(type) })]));

  it("makes, grows and shrinks volumes on a part of a PATH disk", () => {
    const world = start(web, withDisk("PATH"));
    const made = accept(world, change(reserve(onDisk("PATH", 3_000))), change(create(volumeOn("PATH", 1_000))));
    assert.equal(
      made,
      "disk[PATH:/d]:1;disk(reservations: [(DYNAMIC,web,alice)])[PATH:/d]:2;disk(reservations: [(DYNAMIC,web,alice)])[PATH:/d][v:data]:1",
    );
    accept(world, change({ kind: "growVolume", volume: volumeOn("PATH", 1_000), addition: onDisk("PATH", 500) }));
    const shrunk = accept(world, change({ kind: "shrinkVolume", volume: volumeOn("PATH", 1_500), subtractMilli: 1_000 }));
    assert.match(shrunk, /\[PATH:\/d\]\[v:data\]:0.5$/);
    assert.equal(accept(world, change(destroy(volumeOn("PATH", 500))), change(unreserve(onDisk("PATH", 3_000)))), "disk[PATH:/d]:4");
  });

  it("makes a volume of a MOUNT disk as a whole only, and never resizes it", () => {
    const world = start(web, withDisk("MOUNT"));
    accept(world, change(reserve(onDisk("MOUNT", 1_000)), "part"));
    assert.match(states(world)[0]?.[2] ?? "", /in what is left of the offers/);
    const made = accept(world, change(reserve(onDisk("MOUNT", 4_000))), change(create(volumeOn("MOUNT", 4_000))));
    assert.equal(made, "disk(reservations: [(DYNAMIC,web,alice)])[MOUNT:/d][v:data]:4");
    accept(world, change({ kind: "shrinkVolume", volume: volumeOn("MOUNT", 4_000), subtractMilli: 1_000 }, "shrink"));
    assert.match(states(world)[0]?.[2] ?? "", /must not be on a MOUNT disk/);
  });

  const bad: readonly [what: string, operation: ResourceOperation, rule: RegExp, framework?: Partial<FrameworkDescription>][] = [
    [
      "a reservation that is not dynamic",
      reserve(disk(1, { reservations: [{ type: "STATIC", role: "web" }] })),
      /operation\.reserve\.resources\[0\] must carry a reservation of type DYNAMIC for role "web", has one of type STATIC/,
    ],
    [
      "a reservation of nothing of the kind",
      reserve(disk(1)),
      /resources\[0\] must carry a reservation of type DYNAMIC for role "web", has none/,
    ],
    ["a reservation for another role", reserve(disk(1, { reservations: [{ ...owner, role: "batch" }] })), /for role "web"/],
    ["a reservation of everybody's offers", reserve(disk(1)), /role "\*": subscribe with a role of your own/, { ...web, roles: ["*"] }],
    ["a reservation by another principal", reserve(disk(1, { reservations: [{ ...owner, principal: "bob" }] })), /by principal "alice"/],
    ["a reservation of more than there is", reserve(reserved(10_001)), /in what is left of the offers/],
    [
      "a reservation with a source",
      { kind: "reserve", source: toResources([disk(1)]), resources: toResources([reserved(1)]) },
      /source must be empty/,
    ],
    [
      "a refined reservation without the capability",
      reserve(disk(1, { reservations: [{ type: "STATIC", role: "we" }, owner] })),
      /RESERVATION_REFINEMENT/,
      { ...web, info: FrameworkInfo.create({ name: "f", user: "u" }) },
    ],
    ["resources of another role's offer", reserve({ ...reserved(1), allocationRole: "batch" }), /must be allocated to role "web"/],
    [
      "taking away what is not reserved",
      unreserve(disk(1)),
      /operation\.unreserve\.resources\[0\] must carry a reservation of type DYNAMIC/,
    ],
    ["taking away the reservation of a volume", unreserve(volume(1)), /DESTROY comes first/],
    ["a volume without an id", create(reserved(1)), /operation\.create\.volumes\[0\]\.disk\.persistence must be set/],
    [
      "a volume without a place",
      create({ ...reserved(1), disk: { persistence: { id: "v", principal: "alice" } } }),
      /\[0\]\.disk\.volume must be set: mode RW and a relative container_path/,
    ],
    [
      "a volume of another principal",
      create({ ...volume(1), disk: { ...volume(1).disk, persistence: { id: "v" } } }),
      /persistence.principal/,
    ],
    ["a shared volume without the capability", create({ ...volume(1), shared: true }), /without SHARED_RESOURCES/],
    ["destroying what is no volume", destroy(reserved(1)), /must be a persistent volume/],
    ["destroying a volume that is not there", destroy(volume(1)), /in what is left of the offers/],
    ["growing by nothing", { kind: "growVolume", volume: volume(1), addition: reserved(0) }, /more than 0/],
    ["growing by disk of another kind", { kind: "growVolume", volume: volume(1), addition: disk(1) }, /of the kind/],
    ["shrinking to nothing", { kind: "shrinkVolume", volume: volume(5), subtractMilli: 5 }, /less than the volume's size/],
    ["shrinking by nothing", { kind: "shrinkVolume", volume: volume(5), subtractMilli: 0 }, /more than 0/],
  ];
  for (const [what, operation, rule, framework] of bad) {
    it(`refuses ${what}`, () => {
      const world = start(framework);
      accept(world, change(operation, "a"));
      const [[id, state, message] = []] = states(world);
      assert.deepEqual([id, state], ["a", "OPERATION_ERROR"]);
      assert.match(message ?? "", rule);
      assert.equal(world.driver.takeMessages(world.agent, "applyOperation").length, 0);
    });
  }

  it("refuses a second volume of one id, and a second operation of one id", () => {
    const world = start();
    accept(world, change(reserve(reserved(4_000)), "a"), change(create(volume(1_000))));
    accept(world, change(create(volume(2_000))), change(create(volume(1_000, "w")), "a"));
    const [[, , message] = []] = states(world);
    assert.match(message ?? "", /id must not be in use/);
    assert.equal(world.driver.takeMessages(world.agent, "applyOperation").length, 2);
  });
});

describe("operations that have a name", () => {
  const uuid = Uuid("a".repeat(32));

  /** A named operation that its agent was sent. */
  function pending() {
    const world = start();
    accept(world, change(reserve(reserved(4_000)), "op"));
    const [order] = world.driver.takeMessages(world.agent, "applyOperation");
    assert.ok(order !== undefined);
    const status = {
      operationId: order.key.operationId,
      state: "OPERATION_FINISHED",
      message: undefined,
      converted: [],
      uuid,
      agentId: world.agent.agentId,
    } as const;
    return { ...world, key: order.key, status };
  }

  it("are told as the agent says, and forgotten when that is acknowledged", () => {
    const world = pending();
    const { driver, agent, scheduler, key, status } = world;
    driver.say(agent.linkId, { kind: "operationUpdate", key, status });
    assert.deepEqual(states(world), [["op", "OPERATION_FINISHED", undefined]]);
    driver.call(scheduler, { kind: "acknowledgeOperation", agentId: agent.agentId, operationId: OperationId("op"), uuid });
    assert.deepEqual(driver.takeMessages(agent, "acknowledgeOperation"), [
      { kind: "acknowledgeOperation", uuid: key.uuid, statusUuid: uuid },
    ]);
    driver.call(scheduler, { kind: "reconcileOperations", operations: [] });
    assert.deepEqual(states(world), []);
  });

  it("stay when the acknowledgement names another status", () => {
    const world = pending();
    const { driver, agent, scheduler, key, status } = world;
    driver.say(agent.linkId, { kind: "operationUpdate", key, status });
    driver.call(scheduler, {
      kind: "acknowledgeOperation",
      agentId: agent.agentId,
      operationId: OperationId("op"),
      uuid: Uuid("b".repeat(32)),
    });
    assert.deepEqual(driver.takeMessages(agent, "acknowledgeOperation"), []);
  });

  it("are answered in a reconciliation without a uuid", () => {
    const world = pending();
    world.driver.call(world.scheduler, { kind: "reconcileOperations", operations: [] });
    assert.deepEqual(states(world), [["op", "OPERATION_PENDING", undefined]]);
  });

  it("that nobody knows are answered by what is known of their agent", () => {
    const { driver, scheduler, agent } = pending();
    const ask = (agentId?: AgentId): OperationState | undefined => {
      driver.call(scheduler, { kind: "reconcileOperations", operations: [{ operationId: OperationId("x"), agentId }] });
      return driver.takeEvents(scheduler, "operationUpdate")[0]?.status.state;
    };
    assert.equal(ask(), "OPERATION_UNKNOWN");
    assert.equal(ask(agent.agentId), "OPERATION_UNKNOWN");
    assert.equal(ask(AgentId("nobody")), "OPERATION_UNKNOWN");
    driver.say(agent.linkId, { kind: "unregister", agentId: agent.agentId, alive: [] });
    assert.equal(driver.takeEvents(scheduler, "operationUpdate")[0]?.status.state, "OPERATION_GONE_BY_OPERATOR");
    assert.equal(ask(agent.agentId), "OPERATION_GONE_BY_OPERATOR");
  });

  it("are told to be unreachable when their agent is", () => {
    const world = pending();
    world.driver.closeLink(world.agent);
    world.driver.advance(world.driver.config.agentReregisterTimeoutMs + 1_000);
    assert.deepEqual(
      states(world).map(([id, state]) => [id, state]),
      [["op", "OPERATION_UNREACHABLE"]],
    );
  });

  it("that a returning agent does not list are asked for, and its word counts for the resources", () => {
    const world = pending();
    const { driver, agent, key } = world;
    driver.closeLink(agent);
    const holdings: AgentHoldings = { total, resourceVersion: uuid, operations: [] };
    const back = driver.reregister(agent.agentId, { agent: describeAgent(total, "host"), holdings });
    assert.deepEqual(driver.takeMessages(back, "reregistered")[0]?.reconcileOperations, [key]);
    driver.advance(1_000);
    assert.equal(offered(world), "disk:10");
  });

  it("whose last retry crossed the acknowledgement are over for a returning agent that does not list them", () => {
    const world = pending();
    const { driver, agent, scheduler, key, status } = world;
    const update = { kind: "operationUpdate", key, status } as const;
    driver.say(agent.linkId, update);
    driver.call(scheduler, { kind: "acknowledgeOperation", agentId: agent.agentId, operationId: OperationId("op"), uuid });
    driver.say(agent.linkId, update);
    driver.closeLink(agent);
    const holdings: AgentHoldings = { total, resourceVersion: uuid, operations: [] };
    const back = driver.reregister(agent.agentId, { agent: describeAgent(total, "host"), holdings });
    assert.deepEqual(driver.takeMessages(back, "reregistered")[0]?.reconcileOperations ?? [], []);
    driver.takeEvents(scheduler, "operationUpdate");
    driver.call(scheduler, { kind: "reconcileOperations", operations: [] });
    assert.deepEqual(states(world), []);
  });

  it("that a returning agent lists are known again to a new master", () => {
    const { driver, agent, scheduler, key, status } = pending();
    const next = new MasterDriver({}, driver.registry).lead();
    const now = addResources(cpusAndMem(4, 4_096), toResources([disk(6_000), reserved(4_000)]));
    const holdings: AgentHoldings = { total: now, resourceVersion: uuid, operations: [{ key, status }] };
    const again = next.subscribe(web, scheduler.frameworkId);
    next.reregister(agent.agentId, { agent: describeAgent(total, "host"), holdings });
    assert.equal(offered({ driver: next, scheduler: again }), "disk:6;disk(reservations: [(DYNAMIC,web,alice)]):4");
    next.call(again, { kind: "reconcileOperations", operations: [] });
    assert.deepEqual(
      next.takeEvents(again, "operationUpdate").map((event) => event.status.state),
      ["OPERATION_FINISHED"],
    );
  });

  it("of a framework that is gone, or without a name, are acknowledged by the master", () => {
    const { driver, agent, scheduler, key, status } = pending();
    driver.say(agent.linkId, {
      kind: "operationUpdate",
      key: { ...key, operationId: undefined },
      status: { ...status, operationId: undefined },
    });
    assert.equal(driver.takeMessages(agent, "acknowledgeOperation").length, 1);
    driver.call(scheduler, { kind: "teardown" });
    driver.say(agent.linkId, { kind: "operationUpdate", key, status });
    assert.equal(driver.takeMessages(agent, "acknowledgeOperation").length, 1);
  });
});

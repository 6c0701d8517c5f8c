/** Shared volumes: any number of tasks and offers of the role have one at once, and it goes only when no task uses it. */

import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { ExecutorId, OperationId, TaskId, Uuid } from "../../../../common/ids.ts";
import type { Resource } from "../../../../common/resource.ts";
import type { ResourceOperation } from "../../../../common/resource-operations.ts";
import { addResources, describeResources, type Resources, toResources } from "../../../../common/resources.ts";
import { ExecutorInfo, FrameworkInfo } from "../../../../protos/gen/mesos/v1/mesos.ts";
import type { OfferOperation } from "../../../../server/core/calls/call.ts";
import type { OfferDescription } from "../../../../server/core/event.ts";
import { cpusAndMem, describeAgent, describeTask, MasterDriver, type Scheduler } from "../master-driver.ts";

const disk: Resource = { name: "disk", value: { kind: "scalar", milli: 1_000 }, reservations: [] };
const reserved: Resource = { ...disk, reservations: [{ type: "DYNAMIC", role: "web" }] };
const volume: Resource = {
  ...reserved,
  disk: { persistence: { id: "v" }, volume: { containerPath: "data", mode: "RW" } },
  shared: true,
};
const total = addResources(cpusAndMem(8, 8_192), toResources([disk]));

/** Frameworks of the role web, the first of which has made the volume; all but one withhold their interest. */
function start(capabilities: readonly (4 | 7)[] = [4, 7]) {
  const driver = new MasterDriver().lead();
  const agent = driver.register(total);
  const info = FrameworkInfo.create({ name: "f", user: "user", checkpoint: true, capabilities: capabilities.map((type) => ({ type })) });
  const subscribe = () => driver.subscribe({ roles: ["web"], multiRole: true, partitionAware: true, info });
  const scheduler = subscribe();
  accept({ driver, scheduler }, operation({ kind: "reserve", source: [], resources: toResources([reserved]) }), create("c"));
  return { driver, agent, scheduler, subscribe };
}

type World = Pick<ReturnType<typeof start>, "driver" | "scheduler">;

function operation(change: ResourceOperation, id?: string): OfferOperation {
  const operationId = id === undefined ? undefined : OperationId(id);
  return { kind: change.kind, change: { name: change.kind.toUpperCase(), operationId, operation: change, problem: undefined } };
}

const create = (id: string) => operation({ kind: "create", volumes: toResources([volume]) }, id);
const destroy = (id: string) => operation({ kind: "destroy", volumes: toResources([volume]) }, id);

function accept({ driver, scheduler }: World, ...operations: OfferOperation[]): void {
  const offerIds = driver.takeOffers(scheduler).map(({ offerId }) => offerId);
  assert.equal(driver.call(scheduler, { kind: "accept", offerIds, operations, refuseMs: 0 }), undefined);
  driver.advance(1_000);
}

function launch({ agent }: ReturnType<typeof start>, taskIds: readonly string[], more: Resources = toResources([volume])): OfferOperation {
  const { agentId } = agent;
  const resources = addResources(cpusAndMem(1, 512), more);
  return { kind: "launch", tasks: taskIds.map((id) => describeTask({ agentId, taskId: TaskId(id), resources })) };
}

const hasVolume = (offer: OfferDescription | undefined) => offer?.resources.some(({ shared }) => shared === true) === true;

const names = (offer: OfferDescription | undefined) => offer?.resources.map(({ name }) => name);

function errors(driver: MasterDriver, scheduler: Scheduler) {
  return driver.takeUpdates(scheduler).map(({ taskId, state, message }) => [taskId, state, message]);
}

describe("a shared volume", () => {
  it("is used by several tasks of one call, and offered again while they run", () => {
    const world = start();
    const { driver, scheduler } = world;
    accept(world, launch(world, ["t1", "t2", "t3"]));
    assert.deepEqual(errors(driver, scheduler), []);
    assert.equal(driver.operator("getTasks").tasks.tasks.length, 3);
    const offer = driver.takeOffer(scheduler);
    assert.ok(hasVolume(offer), describeResources(offer.resources));
    assert.equal(offer.resources.filter(({ shared }) => shared === true).length, 1);
  });

  it("is offered once in a run, to several frameworks over time, and never alone", () => {
    const world = start();
    const { driver } = world;
    const first = driver.takeOffer(world.scheduler);
    assert.ok(hasVolume(first));
    const other = world.subscribe();
    driver.advance(2_000);
    assert.deepEqual(driver.takeOffers(other), [], "only the volume is left of the agent");
    const launched = launch(world, ["t1"]);
    driver.call(world.scheduler, { kind: "accept", offerIds: [first.offerId], operations: [launched], refuseMs: 5_000 });
    driver.advance(1_000);
    assert.ok(hasVolume(driver.takeOffers(other).at(-1)));
  });

  it("is not offered to a framework that cannot share, nor made by one", () => {
    const world = start();
    const { driver } = world;
    driver.call(world.scheduler, { kind: "suppress", roles: [] });
    driver.closeStream(world.scheduler);
    const info = FrameworkInfo.create({ name: "old", user: "user" });
    const other = driver.subscribe({ roles: ["web"], multiRole: true, info });
    assert.equal(hasVolume(driver.takeOffer(other)), false);
    const incapable = start([7]);
    const [status] = incapable.driver.takeEvents(incapable.scheduler, "operationUpdate");
    assert.match(status?.status.message ?? "", /SHARED_RESOURCES/);
  });

  it("cannot be destroyed while a task uses it, and can be when the last one has ended", () => {
    const world = start();
    const { driver, agent, scheduler } = world;
    accept(world, launch(world, ["t1", "t2"]));
    driver.takeAllEvents(scheduler);
    driver.advance(1_000);
    for (const [index, id] of ["t1", "t2"].entries()) {
      const offers = driver.takeOffers(scheduler).map(({ offerId }) => offerId);
      const offerIds = offers.length > 0 ? offers : currentOffers(driver);
      driver.call(scheduler, { kind: "accept", offerIds, operations: [destroy(`d${index}`)], refuseMs: 0 });
      const [refused] = driver.takeEvents(scheduler, "operationUpdate");
      assert.equal(refused?.status.state, "OPERATION_ERROR");
      assert.match(refused?.status.message ?? "", new RegExp(`must not be in use, task ${id}`));
      driver.update(agent, { frameworkId: scheduler.frameworkId, taskId: TaskId(id) }, "TASK_FINISHED");
      driver.advance(1_000);
    }
    driver.call(scheduler, { kind: "accept", offerIds: currentOffers(driver), operations: [destroy("d")], refuseMs: 0 });
    assert.deepEqual(driver.takeEvents(scheduler, "operationUpdate"), []);
    driver.advance(1_000);
    assert.equal(hasVolume(driver.takeOffers(scheduler).at(-1)), false);
  });

  it("that is destroyed takes the other offers that have it along", () => {
    const world = start();
    const { driver, agent, scheduler } = world;
    const first = driver.takeOffer(scheduler);
    // One task leaves room for an offer to somebody else.
    driver.call(scheduler, { kind: "accept", offerIds: [first.offerId], operations: [launch(world, ["t1"], [])], refuseMs: 60_000 });
    const other = world.subscribe();
    driver.advance(1_000);
    const offer = driver.takeOffer(other);
    assert.ok(hasVolume(offer));
    driver.update(agent, { frameworkId: scheduler.frameworkId, taskId: TaskId("t1") }, "TASK_FINISHED");
    driver.call(scheduler, { kind: "revive", roles: [] });
    driver.advance(1_000);
    const own = driver.takeOffer(scheduler);
    assert.ok(hasVolume(own));
    driver.call(scheduler, { kind: "accept", offerIds: [own.offerId], operations: [destroy("d")], refuseMs: 0 });
    assert.deepEqual(
      driver.takeEvents(other, "rescind").map(({ offerId }) => offerId),
      [offer.offerId],
    );
  });

  // The ACCEPT that made the volume and launched a task on it was lost on the way to the agent; the master went on offering the
  // whole disk beside the task, and ended by its own invariant.
  it("that its agent never made keeps the disk from being offered until the task on it is settled", () => {
    const world = start();
    const { driver, agent, scheduler } = world;
    accept(world, launch(world, ["t1"]));
    driver.closeLink(agent);
    const holdings = { total, resourceVersion: Uuid("0".repeat(32)), operations: [] };
    const back = driver.reregister(agent.agentId, { agent: describeAgent(total, "host"), holdings });
    const last = driver.takeOffers(scheduler).at(-1);
    assert.deepEqual(names(last), ["cpus", "mem"]);
    driver.update(back, { frameworkId: scheduler.frameworkId, taskId: TaskId("t1") }, "TASK_DROPPED");
    driver.advance(1_000);
    assert.deepEqual(names(driver.takeOffers(scheduler).at(-1)), ["cpus", "disk", "mem"]);
  });

  it("is asked for once by a task, and not by an executor", () => {
    const world = start();
    const { driver, scheduler, agent } = world;
    accept(world, launch(world, ["t1"], toResources([volume, volume])));
    assert.match(errors(driver, scheduler)[0]?.[2] ?? "", /each persistent volume once, v is there several times/);
    const executor = {
      executorId: ExecutorId("e"),
      resources: toResources([volume]),
      info: ExecutorInfo.fromPartial({ executorId: { value: "e" } }),
    };
    const { agentId } = agent;
    const task = describeTask({ agentId, taskId: TaskId("t2"), resources: cpusAndMem(1, 512), executor });
    driver.advance(1_000);
    driver.call(scheduler, {
      kind: "accept",
      offerIds: currentOffers(driver),
      operations: [{ kind: "launch", tasks: [{ ...task, info: { ...task.info, command: undefined, executor: executor.info } }] }],
      refuseMs: 0,
    });
    assert.match(errors(driver, scheduler)[0]?.[2] ?? "", /executor.resources must not be shared, volume v is/);
  });

  function currentOffers(driver: MasterDriver) {
    return [...driver.effects]
      .flatMap((effect) => (effect.kind === "sendToScheduler" && effect.event.kind === "offers" ? effect.event.offers : []))
      .slice(-1)
      .map(({ offerId }) => offerId);
  }
});

/**
 * Random inputs in random order, several masters one after the other on one registry. The driver checks the invariants after
 * every step; at the end everything ends and nothing may be left.
 */

import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { AgentId, FrameworkId, InverseOfferId, type StreamId, TaskId, Uuid } from "../../../common/ids.ts";
import { createPrng, type Prng } from "../../../common/prng.ts";
import { toResources } from "../../../common/resources.ts";
import type { SchedulerCall } from "../../../server/core/calls/call.ts";
import type { OfferDescription } from "../../../server/core/event.ts";
import { named, planOf, windowAt } from "./maintenance/windows.ts";
import {
  type ConnectedAgent,
  cpusAndMem,
  describeAgent,
  describeFramework,
  describeTask,
  MasterDriver,
  reportTask,
  type Scheduler,
  TestRegistry,
} from "./master-driver.ts";
import { ReplayedState } from "./operator/replayed-state.ts";
import { quotasOf } from "./roles/quotas.ts";

const seedCount = 40;
const stepCount = 250;

class Walk {
  readonly prng: Prng;
  readonly registry = new TestRegistry();
  driver: MasterDriver;
  schedulers: Scheduler[] = [];
  agents: ConnectedAgent[] = [];
  offers: { scheduler: Scheduler; offer: OfferDescription }[] = [];
  inverseOfferIds: InverseOfferId[] = [];
  readonly watchers = new Map<StreamId, ReplayedState>();
  readonly agentIds = new Set<AgentId>();
  readonly frameworkIds = new Set<FrameworkId>();

  constructor(seed: number) {
    this.prng = createPrng(seed);
    this.driver = this.nextMaster(0);
  }

  nextMaster(nowMs: number): MasterDriver {
    const driver = new MasterDriver(
      { agentReregisterTimeoutMs: 20_000, agentPingTimeoutMs: 5_000, offerTimeoutMs: 30_000, revocationGraceMs: 5_000 },
      this.registry,
    );
    driver.nowMs = nowMs;
    this.schedulers = [];
    this.agents = [];
    this.offers = [];
    this.inverseOfferIds = [];
    return driver.lead();
  }

  step(): void {
    const { driver, prng } = this;
    if (driver.writes.length > 0 && prng.chance(0.6)) driver.writeDone();
    driver.writesAtOnce = prng.chance(0.5);
    prng.pick(this.actions)();
    this.collect();
    // Often enough to see which step it was.
    if (prng.chance(0.04)) this.checkWatchers();
  }

  /** What an agent and a scheduler remember of what they were told. */
  collect(): void {
    const { driver } = this;
    for (const { linkId } of this.agents) {
      for (const message of [...driver.takeMessages(linkId, "registered"), ...driver.takeMessages(linkId, "reregistered")]) {
        this.agentIds.add(message.agentId);
        this.agents = this.agents.map((agent) => (agent.linkId === linkId ? { linkId, agentId: message.agentId } : agent));
      }
    }
    this.schedulers = this.schedulers.map(({ streamId, frameworkId }) => {
      const subscribed = driver.takeEvents(streamId, "subscribed")[0];
      if (subscribed !== undefined) this.frameworkIds.add(subscribed.frameworkId);
      return { streamId, frameworkId: subscribed?.frameworkId ?? frameworkId };
    });
    for (const scheduler of this.schedulers) {
      for (const offer of driver.takeOffers(scheduler)) this.offers.push({ scheduler, offer });
      for (const { inverseOffers } of driver.takeEvents(scheduler, "inverseOffers")) {
        this.inverseOfferIds.push(...inverseOffers.map((one) => one.inverseOfferId));
      }
    }
  }

  get task(): TaskId {
    return TaskId(`t${this.prng.nextInt(5)}`);
  }

  get hostname(): string {
    return this.prng.pick(["host", "host", "other"]);
  }

  pickOr<T>(items: Iterable<T>, otherwise: T): T {
    const list = [...items];
    return list.length === 0 ? otherwise : this.prng.pick(list);
  }

  readonly actions: readonly (() => void)[] = [
    () => this.driver.advance(this.prng.nextInt(3_000)),
    () => this.driver.advanceAlive(this.prng.nextInt(20_000), this.agents),
    () => this.registerAgent(),
    () => this.reregisterAgent(),
    () => this.closeLink(),
    () => this.unregister(),
    () => this.subscribe(),
    () => this.closeStream(),
    () => this.accept(),
    () => this.accept(),
    () => this.accept(),
    () => this.schedulerCall(),
    () => this.update(),
    () => this.update(),
    () => this.maintain(),
    () => this.changeRoles(),
    () => this.changeResources(),
    () => this.watch(),
    () => this.answerInverseOffer(),
    () => this.failOver(),
  ];

  registerAgent(): void {
    if (this.agents.length >= 4) return;
    const linkId = this.driver.openLink();
    this.agents.push({ linkId, agentId: AgentId("?") });
    this.driver.say(linkId, { kind: "register", agent: describeAgent(cpusAndMem(4, 4_096), this.hostname) });
  }

  reregisterAgent(): void {
    const agentId = this.pickOr(this.agentIds, AgentId("nobody"));
    const tasks = [...this.frameworkIds]
      .slice(0, 3)
      .flatMap((frameworkId) =>
        this.prng.chance(0.5)
          ? [reportTask(frameworkId, { taskId: this.task, state: this.prng.pick(["TASK_RUNNING", "TASK_FINISHED"]) })]
          : [],
      );
    const agent = describeAgent(cpusAndMem(this.prng.pick([4, 5]), 4_096), this.hostname);
    this.agents.push(this.driver.reregister(agentId, { agent, tasks }));
  }

  closeLink(): void {
    const agent = this.agents.shift();
    if (agent !== undefined) this.driver.closeLink(agent);
  }

  unregister(): void {
    if (this.prng.chance(0.6)) return;
    const agent = this.agents[0];
    if (agent === undefined) return;
    const { linkId, agentId } = agent;
    if (this.prng.chance(0.5)) this.driver.say(linkId, { kind: "leaving", agentId });
    if (this.prng.chance(0.8)) this.driver.say(linkId, { kind: "unregister", agentId, alive: [] });
  }

  subscribe(): void {
    const frameworkId = this.prng.chance(0.5) ? undefined : this.pickOr(this.frameworkIds, FrameworkId("mine"));
    const failoverTimeoutMs = this.prng.pick([0, 5_000, 60_000]);
    const streamId = this.driver.openStream({ frameworkId, framework: { failoverTimeoutMs, partitionAware: this.prng.chance(0.5) } });
    this.schedulers.push({ streamId, frameworkId: frameworkId ?? FrameworkId("?") });
  }

  closeStream(): void {
    const scheduler = this.schedulers.shift();
    if (scheduler !== undefined) this.driver.closeStream(scheduler);
  }

  accept(): void {
    const picked = this.pickOr(this.offers, undefined);
    const scheduler = this.prng.chance(0.1) ? this.pickOr(this.schedulers, undefined) : picked?.scheduler;
    if (picked === undefined || scheduler === undefined) return;
    const tasks = [1, 2].map(() => describeTask({ agentId: picked.offer.agentId, taskId: this.task }));
    const refuseMs = this.prng.pick([0, 5_000]);
    this.driver.startCall(scheduler, {
      kind: "accept",
      offerIds: this.prng.chance(0.2) ? this.offers.slice(0, 2).map(({ offer }) => offer.offerId) : [picked.offer.offerId],
      operations: [{ kind: "launch", tasks }],
      refuseMs,
    });
  }

  schedulerCall(): void {
    const scheduler = this.pickOr(this.schedulers, undefined);
    if (scheduler === undefined) return;
    const agentId = this.pickOr(this.agentIds, AgentId("nobody"));
    const taskId = this.task;
    this.driver.startCall(
      scheduler,
      this.prng.pick([
        { kind: "revive", roles: [] },
        { kind: "suppress", roles: [] },
        { kind: "decline", offerIds: this.offers.slice(0, 3).map(({ offer }) => offer.offerId), refuseMs: 5_000 },
        { kind: "kill", taskId, agentId: undefined, graceMs: undefined },
        { kind: "acknowledge", agentId, taskId, uuid: Uuid("0".repeat(32)) },
        { kind: "reconcile", tasks: [{ taskId, agentId }] },
        { kind: "reconcile", tasks: [] },
        { kind: "teardown" },
        { kind: "request", requestCount: 1 },
        this.updateFramework(scheduler, ["*"], []),
        this.updateFramework(scheduler, ["*", "other"], ["*"]),
        this.updateFramework(scheduler, ["other"], []),
        this.updateFramework(scheduler, ["other"], ["*"]),
      ] as const),
    );
  }

  updateFramework({ frameworkId }: Scheduler, roles: readonly string[], suppressedRoles: readonly string[]): SchedulerCall {
    const plain = describeFramework({ roles, failoverTimeoutMs: this.prng.pick([0, 60_000]) });
    const framework = { ...plain, info: { ...plain.info, id: { value: frameworkId } } };
    return { kind: "updateFramework", framework, suppressedRoles, offerConstraints: new Map() };
  }

  update(): void {
    const agent = this.pickOr(this.agents, undefined);
    if (agent === undefined) return;
    const state = this.prng.pick(["TASK_RUNNING", "TASK_FINISHED", "TASK_KILLED"] as const);
    const frameworkId = this.pickOr(this.frameworkIds, FrameworkId("nobody"));
    const taskId = this.task;
    const uuid = this.driver.update(agent, { frameworkId, taskId }, state);
    const scheduler = this.schedulers.find((candidate) => candidate.frameworkId === frameworkId);
    if (scheduler === undefined || this.prng.chance(0.3)) return;
    this.driver.startCall(scheduler, { kind: "acknowledge", agentId: agent.agentId, taskId, uuid });
  }

  maintain(): void {
    const { driver, prng } = this;
    const machineIds = [this.hostname].map(named);
    const begin = (): number => driver.nowMs + prng.pick([-5_000, 1_000, 10_000, 600_000]);
    driver.order(
      prng.pick([
        () => planOf(windowAt(begin(), "host"), windowAt(begin(), "other")),
        () => planOf(windowAt(begin(), this.hostname)),
        () => planOf(),
        () => ({ kind: "startMaintenance", machineIds }) as const,
        () => ({ kind: "stopMaintenance", machineIds }) as const,
        () => ({ kind: "deactivateAgent", agentId: this.pickOr(this.agentIds, AgentId("nobody")) }) as const,
        () => ({ kind: "reactivateAgent", agentId: this.pickOr(this.agentIds, AgentId("nobody")) }) as const,
      ])(),
    );
  }

  changeRoles(): void {
    const { driver, prng } = this;
    const role = prng.pick(["*", "other"]);
    const quota = prng.pick([
      {},
      { guarantees: { cpus: 2 } },
      { limits: { cpus: 1, mem: 1_024 } },
      { guarantees: { cpus: 1 }, limits: { cpus: 3 } },
      { limits: { cpus: 0 } },
    ]);
    driver.order(
      prng.pick([
        () => ({ kind: "updateQuota", ...quotasOf({ [role]: quota }, prng.chance(0.7)) }) as const,
        () => ({ kind: "removeQuota", role }) as const,
        () => ({ kind: "updateWeights", weights: new Map([[role, prng.pick([1, 2, 0.5])]]) }) as const,
      ])(),
    );
  }

  /** Operators reserve and unreserve, or end a framework; agents answer, or not. */
  changeResources(): void {
    const { driver, prng } = this;
    const agentId = this.pickOr(this.agentIds, AgentId("nobody"));
    const resources = toResources([
      { name: "cpus", value: { kind: "scalar", milli: prng.pick([1_000, 4_000]) }, reservations: [{ type: "DYNAMIC", role: "own" }] },
    ]);
    const frameworkId = this.pickOr(this.frameworkIds, FrameworkId("nobody"));
    driver.order(
      prng.pick([
        () => ({ kind: "changeResources", agentId, operation: { kind: "reserve", source: [], resources } }) as const,
        () => ({ kind: "changeResources", agentId, operation: { kind: "unreserve", resources } }) as const,
        () => ({ kind: "teardown", frameworkId }) as const,
      ])(),
    );
    for (const agent of this.agents) {
      for (const { key } of driver.takeMessages(agent, "applyOperation")) {
        const state = prng.pick(["OPERATION_FINISHED", "OPERATION_DROPPED"] as const);
        const status = { operationId: undefined, state, message: undefined, converted: [], uuid: key.uuid, agentId: agent.agentId };
        if (prng.chance(0.7)) driver.say(agent.linkId, { kind: "operationUpdate", key, status });
      }
    }
  }

  /** Operators subscribe and leave. */
  watch(): void {
    if (this.prng.chance(0.7)) return;
    const [oldest] = this.watchers.keys();
    if (oldest !== undefined && (this.watchers.size > 2 || this.prng.chance(0.3))) {
      this.watchers.delete(oldest);
      this.driver.input({ kind: "operatorStreamClosed", streamId: oldest });
    }
    this.watchers.set(this.driver.watch(), new ReplayedState());
  }

  /** What the event streams told, from their first state on, is what the master says now. */
  checkWatchers(): void {
    const { driver } = this;
    // What is written after the answer would be told, and not be in it.
    driver.writesAtOnce = false;
    const { state } = driver.operator("getState");
    for (const [streamId, replayed] of this.watchers) {
      for (const event of driver.takeOperatorEvents(streamId)) replayed.take(event);
      replayed.check(state);
    }
  }

  answerInverseOffer(): void {
    const scheduler = this.pickOr(this.schedulers, undefined);
    if (scheduler === undefined) return;
    const inverseOfferIds = [this.pickOr(this.inverseOfferIds, InverseOfferId("made up"))];
    const answer = { accepts: this.prng.chance(0.5), refuseMs: this.prng.pick([0, 5_000]) };
    this.driver.startCall(scheduler, { kind: "answerInverseOffers", inverseOfferIds, ...answer });
  }

  failOver(): void {
    if (this.prng.chance(0.1)) {
      this.driver = this.nextMaster(this.driver.nowMs);
      this.watchers.clear();
    }
  }

  /** Everybody leaves and every deadline passes. */
  end(): void {
    const { driver } = this;
    driver.writesAtOnce = true;
    if (driver.writes.length > 0) driver.writeDone();
    for (const { linkId } of this.agents) driver.input({ kind: "agentLinkClosed", linkId });
    for (const { streamId } of this.schedulers) driver.input({ kind: "schedulerStreamClosed", streamId });
    driver.advance(300_000);
  }
}

describe("a random walk", () => {
  const first = Number(process.env["TEPUI_SEED"] ?? Math.floor(Math.random() * 1_000_000));

  it(`keeps the books in agreement and leaves nothing behind (seeds from ${first}; TEPUI_SEED=${first} repeats it)`, () => {
    for (let seed = first; seed < first + seedCount; seed++) {
      try {
        const walk = new Walk(seed);
        for (let step = 0; step < stepCount; step++) walk.step();
        walk.checkWatchers();
        walk.end();
        walk.checkWatchers();
        assert.equal(walk.driver.exitReason, undefined);
        const { getAgents, getFrameworks, getTasks } = walk.driver.operator("getState").state;
        assert.deepEqual([getAgents?.agents.length, getAgents?.recoveredAgents.length], [0, 0]);
        assert.deepEqual([getFrameworks?.frameworks.length, getTasks?.tasks.length], [0, 0]);
      } catch (error) {
        throw new Error(`seed ${seed}`, { cause: error });
      }
    }
  });
});

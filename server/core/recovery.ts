/** What a new leader knows at first: the registry's agents and frameworks, and no task. Source: Mesos Master::_recover. */

import { assertNever } from "../../common/assert.ts";
import { BoundedList } from "../../common/bounded-list.ts";
import type { AgentId, FrameworkId, MasterId } from "../../common/ids.ts";
import { createPrng } from "../../common/prng.ts";
import type { AgentDescription } from "./agent-message.ts";
import { startReregisterTimer } from "./agents/connection.ts";
import type { GoneAgent } from "./agents/standing.ts";
import { pauseForQuotas } from "./allocator/allocation-pause.ts";
import { createDeadlines } from "./deadlines.ts";
import { addFramework, waitForSubscription } from "./frameworks.ts";
import { completedFrameworksMax, masterClockSkewMaxMs } from "./limits.ts";
import { restoreSchedule } from "./maintenance/apply-schedule.ts";
import { createMaintenance, type Schedule } from "./maintenance/schedule.ts";
import type { AgentRecordState, RegistryRecord } from "./registry-record.ts";
import { createRoleSettings, restoreRoleSettings } from "./roles/role-settings.ts";
import type { AllocationState, MasterState, UnreachableAgent } from "./state.ts";
import type { Turn } from "./turn.ts";
import { createWatch } from "./watch.ts";

/** The term of the last leader that the registry knows; 0 when there was none. */
export function lastTerm(records: readonly RegistryRecord[]): number {
  return records.reduce((term, record) => (record.kind === "leader" ? Math.max(term, record.term) : term), 0);
}

interface NewState {
  readonly term: number;
  readonly version: number;
  readonly seed: number;
  readonly masterId: MasterId;
  readonly nowMs: number;
}

/** A state without agents and frameworks; `version` is that of the registry after this leader's own record. */
export function createState({ term, version, seed, masterId, nowMs }: NewState): MasterState {
  return {
    term,
    registrar: { version, inFlight: [], waiting: [] },
    links: new Map(),
    agents: new Map(),
    agentsByPlace: new Map(),
    recoveredAgents: new Map(),
    unreachableAgents: new Map(),
    abandonedAgents: new Set(),
    removedAgents: new Map(),
    goneAgents: new Map(),
    deactivations: new Map(),
    orderedAgents: new Set(),
    drainChecks: new Set(),
    agentChanges: new Map(),
    streams: new Map(),
    frameworks: new Map(),
    pendingSubscriptions: new Map(),
    completedFrameworks: new BoundedList(completedFrameworksMax),
    retiredFrameworks: new Map(),
    offers: new Map(),
    resourceOrders: new Map(),
    inverseOffers: new Map(),
    maintenance: createMaintenance(),
    weights: createRoleSettings(),
    quotas: createRoleSettings(),
    allocation: createAllocation(seed),
    watch: createWatch(),
    operationUuids: createPrng(`operations of ${masterId}`),
    deadlines: createDeadlines(nowMs),
    counters: { agents: 0, frameworks: 0, offers: 0 },
  };
}

/** Takes the registry's content in. Agents have a while to come back, frameworks until their deadline. */
export function restoreState(turn: Turn, records: readonly RegistryRecord[]): void {
  const retiredAgents: [AgentId, number][] = [];
  const retiredFrameworks: [FrameworkId, number][] = [];
  const unreachable: [AgentId, UnreachableAgent][] = [];
  const gone: [AgentId, GoneAgent][] = [];
  let schedule: Schedule = [];
  for (const record of records) {
    switch (record.kind) {
      case "leader":
        break;
      case "agent":
        if (record.tasksAbandoned === true) turn.state.abandonedAgents.add(record.agentId);
        if (record.state.kind === "admitted") restoreAgent(turn, record.agentId, record.agent);
        else if (record.state.kind === "removed") retiredAgents.push([record.agentId, record.state.atWallMs]);
        else if (record.state.kind === "gone") gone.push([record.agentId, goneAgent(record.state, record.agent)]);
        else unreachable.push([record.agentId, { description: record.agent, sinceWallMs: record.state.sinceWallMs }]);
        break;
      case "deactivation":
        turn.state.deactivations.set(record.agentId, record.deactivation);
        break;
      case "schedule":
        schedule = record.schedule;
        break;
      case "weights":
        restoreRoleSettings(turn.state.weights, record.weights);
        break;
      case "quotas":
        restoreRoleSettings(turn.state.quotas, record.quotas);
        break;
      case "framework":
        if (record.state.kind === "completed") retiredFrameworks.push([record.frameworkId, record.state.atWallMs]);
        else restoreFramework(turn, record);
        break;
      default:
        assertNever(record);
    }
  }
  // Oldest first, as if this master had seen them leave.
  for (const [agentId, atWallMs] of retiredAgents.sort(byNumber)) turn.state.removedAgents.set(agentId, atWallMs);
  for (const [frameworkId, atWallMs] of retiredFrameworks.sort(byNumber)) turn.state.retiredFrameworks.set(frameworkId, atWallMs);
  gone.sort(([, left], [, right]) => left.atWallMs - right.atWallMs);
  for (const [agentId, agent] of gone) turn.state.goneAgents.set(agentId, agent);
  unreachable.sort(([, left], [, right]) => left.sinceWallMs - right.sinceWallMs);
  for (const [agentId, agent] of unreachable) turn.state.unreachableAgents.set(agentId, agent);
  restoreSchedule(turn, schedule);
  pauseForQuotas(turn);
}

function createAllocation(seed: number): AllocationState {
  return {
    prng: createPrng(seed),
    totals: new Map(),
    roles: new Map(),
    openUse: new Map(),
    reserved: new Map(),
    useGrew: false,
    pause: undefined,
    wanted: "none",
  };
}

function goneAgent({ atWallMs, tasksAnnounced }: Extract<AgentRecordState, { kind: "gone" }>, description: AgentDescription): GoneAgent {
  return { atWallMs, unannounced: tasksAnnounced ? undefined : description };
}

function restoreAgent(turn: Turn, agentId: AgentId, agent: AgentDescription): void {
  turn.state.recoveredAgents.set(agentId, agent);
  startReregisterTimer(turn, agentId);
}

function restoreFramework(
  turn: Turn,
  { frameworkId, framework: description, state }: Extract<RegistryRecord, { kind: "framework" }>,
): void {
  const framework = addFramework(turn, frameworkId, { description, connection: { kind: "recovered" } });
  if (state.kind !== "disconnected") {
    waitForSubscription(turn, framework);
    return;
  }
  // The deadline is in the old leader's Unix time. A clock that is behind it or ahead must not take time from the
  // framework, nor give it more than all of its time anew.
  const remainingMs = Math.max(0, state.deadlineWallMs + masterClockSkewMaxMs - turn.wallMs);
  turn.state.deadlines.failovers.set(frameworkId, turn.nowMs + Math.min(remainingMs, description.failoverTimeoutMs));
}

function byNumber(left: readonly [string, number], right: readonly [string, number]): number {
  return left[1] - right[1];
}

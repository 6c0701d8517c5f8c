/** Every change of the registry that a master makes, and what it writes for each. `applied.ts` says what follows once it is durable. */

import { assertNever } from "../../common/assert.ts";
import type { AgentId, FrameworkId, LinkId, StreamId } from "../../common/ids.ts";
import type { Refusal } from "../../common/result.ts";
import type { AgentDescription, AgentHoldings, ReportedExecutor, ReportedTask, TaskKey } from "./agent-message.ts";
import type { Deactivation } from "./agents/standing.ts";
import type { FrameworkDescription, FrameworkSettings } from "./calls/call.ts";
import type { CallId } from "./input.ts";
import type { Schedule } from "./maintenance/schedule.ts";
import type { AgentRecordState, RegistryChange, RegistryKey, RegistryRecord } from "./registry-record.ts";
import type { Quotas } from "./roles/quota.ts";
import type { Weights } from "./roles/weights.ts";

/** What an agent that comes back brings along. */
export interface ReturningAgent {
  readonly agentId: AgentId;
  readonly agent: AgentDescription;
  readonly linkId: LinkId;
  readonly frameworks: readonly { readonly frameworkId: FrameworkId; readonly framework: FrameworkDescription }[];
  readonly tasks: readonly ReportedTask[];
  readonly holdings: AgentHoldings | undefined;
  readonly executors?: readonly ReportedExecutor[] | undefined;
}

/** A subscription that waits for its framework to be durable. */
export interface SubscribingFramework extends FrameworkSettings {
  readonly frameworkId: FrameworkId;
  readonly streamId: StreamId;
}

/** The call to answer that ends a framework: its own, or an operator's. */
export interface Teardown {
  readonly by: "scheduler" | "operator";
  readonly callId: CallId;
}

export type RegistryOp =
  | {
      readonly kind: "admitAgent";
      readonly agentId: AgentId;
      readonly agent: AgentDescription;
      readonly linkId: LinkId;
      readonly holdings: AgentHoldings | undefined;
      /** Where the agent is: agents/place.ts. */
      readonly place: string | undefined;
    }
  | { readonly kind: "updateAgent"; readonly returning: ReturningAgent }
  /** The agent is disconnected: what frameworks without checkpoint have on it is given up. */
  | {
      readonly kind: "abandonTasks";
      readonly agentId: AgentId;
      readonly agent: AgentDescription;
      /** To be announced. */
      readonly tasks: readonly TaskKey[];
    }
  | {
      readonly kind: "markUnreachable";
      readonly agentId: AgentId;
      readonly agent: AgentDescription;
      readonly sinceWallMs: number;
      /** See `abandonTasks`. */
      readonly tasksAbandoned: boolean;
    }
  | { readonly kind: "markReachable"; readonly returning: ReturningAgent }
  /** The agent is leaving: its id is retired, its tasks are announced when they are dead. */
  | { readonly kind: "retireAgent"; readonly agentId: AgentId; readonly agent: AgentDescription; readonly atWallMs: number }
  | {
      readonly kind: "removeAgent";
      readonly agentId: AgentId;
      readonly agent: AgentDescription;
      readonly atWallMs: number;
      /** Where it is answered; undefined for an agent that did not ask for it. */
      readonly linkId: LinkId | undefined;
      readonly alive: readonly TaskKey[];
    }
  /** DEACTIVATE_AGENT and DRAIN_AGENT. */
  | { readonly kind: "deactivateAgent"; readonly agentId: AgentId; readonly deactivation: Deactivation; readonly callId: CallId }
  | { readonly kind: "markDrained"; readonly agentId: AgentId; readonly deactivation: Deactivation }
  | { readonly kind: "reactivateAgent"; readonly agentId: AgentId; readonly callId: CallId }
  | {
      readonly kind: "markGone";
      readonly agentId: AgentId;
      readonly agent: AgentDescription;
      readonly atWallMs: number;
      readonly tasksAnnounced: boolean;
      /** The MARK_AGENT_GONE to answer. */
      readonly callId: CallId | undefined;
    }
  /** An agent came back that was marked gone before anybody knew its tasks. */
  | {
      readonly kind: "announceGone";
      readonly agentId: AgentId;
      readonly agent: AgentDescription;
      readonly atWallMs: number;
      readonly tasks: readonly TaskKey[];
      readonly linkId: LinkId;
    }
  /** The whole schedule anew. */
  | {
      readonly kind: "changeSchedule";
      readonly schedule: Schedule;
      /** The operator's call to answer; undefined for what a master does by itself. */
      readonly callId: CallId | undefined;
    }
  /** All weights anew. */
  | {
      readonly kind: "changeWeights";
      readonly weights: Weights;
      /** Those that UPDATE_WEIGHTS named. */
      readonly changed: readonly string[];
      readonly callId: CallId;
    }
  /** All quotas anew. */
  | {
      readonly kind: "changeQuotas";
      readonly quotas: Quotas;
      /** Those that the operator named. */
      readonly changed: readonly string[];
      readonly callId: CallId;
    }
  | { readonly kind: "admitFramework"; readonly subscribing: SubscribingFramework }
  | { readonly kind: "updateFramework"; readonly subscribing: SubscribingFramework }
  | {
      readonly kind: "changeFramework";
      readonly frameworkId: FrameworkId;
      readonly settings: FrameworkSettings;
      /** The UPDATE_FRAMEWORK to answer. */
      readonly callId: CallId;
    }
  | {
      readonly kind: "disconnectFramework";
      readonly frameworkId: FrameworkId;
      readonly framework: FrameworkDescription;
      readonly deadlineWallMs: number;
    }
  | {
      readonly kind: "completeFramework";
      readonly frameworkId: FrameworkId;
      readonly framework: FrameworkDescription;
      readonly atWallMs: number;
      readonly teardown: Teardown | undefined;
    }
  /** An order that does not fit with what was on its way into the registry: its operator hears that when it is durable. Writes nothing. */
  | { readonly kind: "refuseOrder"; readonly callId: CallId; readonly refusal: Refusal }
  /** Old records make room. */
  | { readonly kind: "forget"; readonly agentIds: readonly AgentId[]; readonly frameworkIds: readonly FrameworkId[] };

/** What `op` writes. */
export function toRegistryChanges(op: RegistryOp): readonly RegistryChange[] {
  switch (op.kind) {
    case "admitAgent":
      return [putAgent(op.agentId, op.agent, { kind: "admitted" })];
    case "updateAgent":
    case "markReachable":
      return [putAgent(op.returning.agentId, op.returning.agent, { kind: "admitted" })];
    case "abandonTasks":
      return [putAgent(op.agentId, op.agent, { kind: "admitted" }, true)];
    case "markUnreachable":
      return [putAgent(op.agentId, op.agent, { kind: "unreachable", sinceWallMs: op.sinceWallMs }, op.tasksAbandoned)];
    case "retireAgent":
    case "removeAgent":
      return [putAgent(op.agentId, op.agent, { kind: "removed", atWallMs: op.atWallMs }), dropDeactivation(op.agentId)];
    case "deactivateAgent":
    case "markDrained": {
      const { agentId, deactivation } = op;
      return [{ kind: "put", key: deactivationKey(agentId), record: { kind: "deactivation", agentId, deactivation } }];
    }
    case "reactivateAgent":
      return [dropDeactivation(op.agentId)];
    case "markGone": {
      const { agentId, agent, atWallMs, tasksAnnounced } = op;
      return [putAgent(agentId, agent, { kind: "gone", atWallMs, tasksAnnounced }), dropDeactivation(agentId)];
    }
    case "announceGone":
      return [putAgent(op.agentId, op.agent, { kind: "gone", atWallMs: op.atWallMs, tasksAnnounced: true })];
    case "changeSchedule":
      if (op.schedule.length === 0) return [{ kind: "delete", key: scheduleKey }];
      return [{ kind: "put", key: scheduleKey, record: { kind: "schedule", schedule: op.schedule } }];
    case "changeWeights":
      if (op.weights.size === 0) return [{ kind: "delete", key: weightsKey }];
      return [{ kind: "put", key: weightsKey, record: { kind: "weights", weights: op.weights } }];
    case "changeQuotas":
      if (op.quotas.size === 0) return [{ kind: "delete", key: quotasKey }];
      return [{ kind: "put", key: quotasKey, record: { kind: "quotas", quotas: op.quotas } }];
    case "admitFramework":
    case "updateFramework":
      return [putFramework(op.subscribing.frameworkId, op.subscribing.framework, { kind: "active" })];
    case "changeFramework":
      return [putFramework(op.frameworkId, op.settings.framework, { kind: "active" })];
    case "disconnectFramework":
      return [putFramework(op.frameworkId, op.framework, { kind: "disconnected", deadlineWallMs: op.deadlineWallMs })];
    case "completeFramework":
      return [putFramework(op.frameworkId, op.framework, { kind: "completed", atWallMs: op.atWallMs })];
    case "refuseOrder":
      return [];
    case "forget":
      return [...op.agentIds.map(agentKey), ...op.agentIds.map(deactivationKey), ...op.frameworkIds.map(frameworkKey)].map(
        (key) => ({ kind: "delete", key }) as const,
      );
    default:
      return assertNever(op);
  }
}

export const leaderKey: RegistryKey = "leader";

/** One record for all of each, so that it changes as a whole. */
const scheduleKey: RegistryKey = "schedule";
const weightsKey: RegistryKey = "weights";
const quotasKey: RegistryKey = "quotas";

export function agentKey(agentId: AgentId): RegistryKey {
  return `agent/${agentId}`;
}

export function deactivationKey(agentId: AgentId): RegistryKey {
  return `deactivation/${agentId}`;
}

function dropDeactivation(agentId: AgentId): RegistryChange {
  return { kind: "delete", key: deactivationKey(agentId) };
}

export function frameworkKey(frameworkId: FrameworkId): RegistryKey {
  return `framework/${frameworkId}`;
}

function putAgent(agentId: AgentId, agent: AgentDescription, state: AgentRecordState, tasksAbandoned = false): RegistryChange {
  const record = { kind: "agent", agentId, agent, state, ...(tasksAbandoned ? { tasksAbandoned } : {}) } as const;
  return { kind: "put", key: agentKey(agentId), record };
}

type FrameworkRecordState = Extract<RegistryRecord, { kind: "framework" }>["state"];

function putFramework(frameworkId: FrameworkId, framework: FrameworkDescription, state: FrameworkRecordState): RegistryChange {
  return { kind: "put", key: frameworkKey(frameworkId), record: { kind: "framework", frameworkId, framework, state } };
}

/**
 * What a leading master knows: agents, frameworks, tasks, offers, links, streams, and what waits for time or for the
 * registry. Mutable; every handler changes it through the functions of the file that owns the concept.
 *
 *   framework: connected <-> disconnected -> completed        recovered -> connected | completed
 *   agent:     registered (connected <-> disconnected) -> unreachable -> registered;  registered | unreachable -> removed
 *              recovered -> registered | unreachable | removed
 */

import type { BoundedList } from "../../common/bounded-list.ts";
import type { DeadlineQueue } from "../../common/deadline-queue.ts";
import type { AgentId, ExecutorId, FrameworkId, InverseOfferId, LinkId, OfferId, StreamId, TaskId, Uuid } from "../../common/ids.ts";
import type { OperationStatus } from "../../common/operation-status.ts";
import type { Prng } from "../../common/prng.ts";
import type { ResourceOperation } from "../../common/resource-operations.ts";
import type { Resources } from "../../common/resources.ts";
import type { TaskLimits } from "../../common/task-limits.ts";
import type { TaskState } from "../../common/task-state.ts";
import type { Checked } from "../../common/task-status.ts";
import type { ExecutorInfo, TaskStatus } from "../../protos/gen/mesos/v1/mesos.ts";
import type { AgentDescription, AgentToMaster, FrameworkOperationKey, MasterToAgent, TaskKey } from "./agent-message.ts";
import type { Deactivation, GoneAgent } from "./agents/standing.ts";
import type { OfferFilters } from "./allocator/filters.ts";
import type { OfferConstraints } from "./allocator/offer-constraints.ts";
import type { Share } from "./allocator/share.ts";
import type { FrameworkDescription } from "./calls/call.ts";
import type { CallId } from "./input.ts";
import type { MaintenanceState, Unavailability } from "./maintenance/schedule.ts";
import type { RegistryOp } from "./registry-op.ts";
import type { Quota } from "./roles/quota.ts";
import type { RoleSettings } from "./roles/role-settings.ts";

export interface MasterState {
  /** Counts leaderships of the cluster; the registry keeps it. */
  readonly term: number;
  readonly registrar: RegistrarState;

  readonly links: Map<LinkId, Link>;
  readonly agents: Map<AgentId, Agent>;
  /** Registered agents by where they are (agents/place.ts). */
  readonly agentsByPlace: Map<string, AgentId>;
  /** Known from the registry and not back yet since this master leads. */
  readonly recoveredAgents: Map<AgentId, AgentDescription>;
  readonly unreachableAgents: Map<AgentId, UnreachableAgent>;
  /** Disconnected or unreachable ones whose tasks of frameworks without checkpoint were given up (agents/abandonment.ts). */
  readonly abandonedAgents: Set<AgentId>;
  /** Left by themselves; Unix time in milliseconds. Oldest first. */
  readonly removedAgents: Map<AgentId, number>;
  /** Ids that an operator has used up. Oldest first. */
  readonly goneAgents: Map<AgentId, GoneAgent>;
  /** What operators ordered, by agent, wherever it is. */
  readonly deactivations: Map<AgentId, Deactivation>;
  /** About which an order is being written. */
  readonly orderedAgents: Set<AgentId>;
  /** Those that lost something in this step, and may be drained now. */
  readonly drainChecks: Set<AgentId>;
  /** What the registrar is writing about an agent, by the newest proposal. */
  readonly agentChanges: Map<AgentId, AgentChange>;

  readonly streams: Map<StreamId, Stream>;
  readonly frameworks: Map<FrameworkId, Framework>;
  /** Subscriptions that wait for the registry, by framework. */
  readonly pendingSubscriptions: Map<FrameworkId, PendingSubscriptions>;
  readonly completedFrameworks: BoundedList<CompletedFramework>;
  /** Ids that must not subscribe again; Unix time in milliseconds. Oldest first. */
  readonly retiredFrameworks: Map<FrameworkId, number>;

  readonly resourceOrders: Map<Uuid, ResourceOrder>;

  readonly offers: Map<OfferId, Offer>;
  readonly inverseOffers: Map<InverseOfferId, InverseOffer>;
  readonly maintenance: MaintenanceState;
  readonly weights: RoleSettings<number>;
  readonly quotas: RoleSettings<Quota>;
  readonly allocation: AllocationState;
  /** Its own, and different at every start: the names of operations outlive this master. */
  readonly operationUuids: Prng;
  readonly watch: Watch;
  readonly deadlines: Deadlines;
  readonly counters: { agents: number; frameworks: number; offers: number };
}

export interface RegistrarState {
  /** Of the registry as this master knows it; no other may have written since. */
  version: number;
  inFlight: readonly RegistryOp[];
  /** Bounded by what proposes: one or two operations for each agent, framework and stream. */
  waiting: RegistryOp[];
}

export type AgentChange = "reregistering" | "markingUnreachable" | "removing" | "markingGone";

/** One AgentLink connection. */
export interface Link {
  readonly linkId: LinkId;
  readonly peer: string;
  /** Of the peer; undefined when its transport names none. */
  readonly ip: string | undefined;
  /** The agent that registered on this link. */
  agentId: AgentId | undefined;
  /** Whether a registration on this link waits for the registry. */
  isRegistering: boolean;
  /** See agents/given-up-tasks.ts. */
  ending: Ending | undefined;
}

/** An agent that came back was told to end what was given up. */
export interface Ending {
  /** Its last attempt to register. */
  message: Extract<AgentToMaster, { kind: "reregister" }>;
  readonly orders: readonly MasterToAgent[];
  /** It has answered the ping that followed. */
  isHeard: boolean;
}

export interface Agent {
  readonly agentId: AgentId;
  description: AgentDescription;
  /** With its reservations and volumes; without allocation roles. */
  total: Resources;
  /** Names the view of `total` that the agent gave at its last registration. */
  resourceVersion: Uuid | undefined;
  /** Those that frameworks want to hear the end of. */
  readonly operations: Set<Operation>;
  /** Undefined while the agent is disconnected. */
  linkId: LinkId | undefined;
  /** Where it is; undefined when it names no port. */
  place: string | undefined;
  /** Sum of its offers, executors and the tasks that hold resources, without allocation roles. */
  used: Resources;
  /** What is left of the agent, once somebody asked; undefined when it must be computed again. */
  free: Resources | undefined;
  readonly tasks: Set<Task>;
  /** Those that frameworks brought, by framework and id. */
  readonly executors: Map<string, Executor>;
  readonly offers: Set<Offer>;
  /** By the framework that is asked. */
  readonly inverseOffers: Map<FrameworkId, InverseOffer>;
  /** What frameworks answered last, since the window of the agent's machine is what it is. */
  readonly inverseAnswers: Map<FrameworkId, InverseAnswer>;
  /** Number of the last ping. */
  pingNumber: number;
  isPingUnanswered: boolean;
  missedPingCount: number;
  readonly registeredWallMs: number;
  reregisteredWallMs: number | undefined;
  /** Set while the agent kills everything underneath it, until its tasks are announced. */
  departure: Departure | undefined;
}

export interface InverseAnswer {
  readonly accepts: boolean;
  readonly wallMs: number;
}

export interface Departure {
  /** When an agent that was told to end must be gone; undefined of one that leaves by itself, which is given more time. */
  dueAtMs: number | undefined;
  /** The id is durably retired. */
  isRetired: boolean;
  /** What the agent said when everything was dead. */
  farewell: Farewell | undefined;
}

export interface Farewell {
  /** Where it is answered; undefined for an agent that can hear nothing any more. */
  readonly linkId: LinkId | undefined;
  /** Tasks that were not seen dead. */
  readonly alive: readonly TaskKey[];
}

export interface UnreachableAgent {
  readonly description: AgentDescription;
  readonly sinceWallMs: number;
}

/** One subscription. A stream waits until the registry has its framework; only then the framework's `connection` names it. */
export interface Stream {
  readonly streamId: StreamId;
  readonly frameworkId: FrameworkId;
}

export interface PendingSubscriptions {
  count: number;
  /** Of the newest one. */
  description: FrameworkDescription;
}

export type FrameworkConnection =
  | { readonly kind: "connected"; readonly streamId: StreamId }
  | { readonly kind: "disconnected" }
  /** Known from the registry or from an agent, and not subscribed yet since this master leads. */
  | { readonly kind: "recovered" };

export interface Framework {
  readonly frameworkId: FrameworkId;
  description: FrameworkDescription;
  /** The newest description on its way into the registry; `description` when none is. */
  proposedDescription: FrameworkDescription;
  /** UPDATE_FRAMEWORKs that wait for the registry. */
  pendingUpdateCount: number;
  connection: FrameworkConnection;
  /** Whether its end is being written; nothing may revive it then. */
  isCompleting: boolean;
  suppressedRoles: ReadonlySet<string>;
  offerConstraints: OfferConstraints;
  /** On registered agents, terminal ones until they are acknowledged. */
  readonly tasks: Map<TaskId, Task>;
  /** On unreachable agents. Oldest first. */
  readonly unreachableTasks: Map<TaskId, Task>;
  readonly completedTasks: BoundedList<Task>;
  /** Whose end it has not acknowledged. */
  readonly operations: Map<Uuid, Operation>;
  /** On registered agents. */
  readonly executors: Set<Executor>;
  readonly offers: Set<Offer>;
  readonly filters: OfferFilters;
  readonly inverseOffers: Set<InverseOffer>;
  /** Agents about which it is not asked again before an instant. */
  readonly inverseFilters: Map<AgentId, number>;
  /** What it holds, by role. */
  readonly shares: Map<string, Share>;
  readonly registeredWallMs: number;
  reregisteredWallMs: number | undefined;
}

export interface CompletedFramework {
  readonly frameworkId: FrameworkId;
  readonly description: FrameworkDescription;
  readonly tasks: readonly Task[];
  readonly registeredWallMs: number;
  readonly completedWallMs: number;
}

export interface Task {
  readonly taskId: TaskId;
  readonly frameworkId: FrameworkId;
  readonly agentId: AgentId;
  /** Of the executor that the framework brought for it; undefined for a command task. */
  readonly executorId?: ExecutorId | undefined;
  /** Unknown for a task that an agent brought back. */
  readonly sharesCgroups?: boolean | undefined;
  /** Absent where it has none. */
  readonly limits?: TaskLimits | undefined;
  readonly name: string;
  readonly role: string;
  /** With their allocation role. */
  readonly resources: Resources;
  /** The newest state that the master knows. Never leaves a terminal state. */
  state: TaskState;
  /** State and uuid of the last update that was forwarded to the framework. */
  statusUpdateState: TaskState | undefined;
  statusUpdateUuid: Uuid | undefined;
  /** What its checks found last; undefined when nothing. */
  checked?: Checked | undefined;
  /** Whether its resources count as used on its agent. */
  holdsResources: boolean;
  /** A kill that the framework asked for; sent again when the agent comes back. */
  kill: { readonly graceMs: number | undefined } | undefined;
  /** TASK_LOST was announced to a framework for which that is final. */
  isAnnouncedLost: boolean;
}

/** An operation with a name. */
export interface Operation {
  readonly key: FrameworkOperationKey;
  readonly agentId: AgentId;
  /** Unknown of one that its agent reported. */
  readonly operation: ResourceOperation | undefined;
  /** The newest; with a uuid once it waits for its acknowledgement. */
  status: OperationStatus;
}

/** What an operator ordered of resources, until the agent has answered. */
export interface ResourceOrder {
  readonly uuid: Uuid;
  readonly agentId: AgentId;
  /** Where it was sent; the answer comes there or never. */
  readonly linkId: LinkId;
  readonly operation: ResourceOperation;
  readonly callId: CallId;
}

/** Holds its resources from its launch until its agent says that it ended. */
export interface Executor {
  readonly executorId: ExecutorId;
  readonly frameworkId: FrameworkId;
  readonly agentId: AgentId;
  readonly role: string;
  /** With their allocation role. */
  readonly resources: Resources;
  /** As its agent has it. */
  readonly info: ExecutorInfo;
}

/** One agent, one role, one framework. */
export interface Offer {
  readonly offerId: OfferId;
  readonly framework: Framework;
  readonly agent: Agent;
  readonly role: string;
  /** With their allocation role. */
  readonly resources: Resources;
}

/** Asks a framework to return what it has on an agent. */
export interface InverseOffer {
  readonly inverseOfferId: InverseOfferId;
  readonly framework: Framework;
  readonly agent: Agent;
  readonly unavailability: Unavailability;
}

export interface AllocationState {
  readonly prng: Prng;
  /** Totals of the registered agents: thousandths by name of scalar. */
  readonly totals: Map<string, number>;
  readonly roles: Map<string, RoleShare>;
  /** What is offered or held of what nobody has reserved, by top-level role: thousandths by name of scalar. */
  readonly openUse: Map<string, Map<string, number>>;
  /** What registered agents have reserved, by top-level role: thousandths by name of scalar. */
  readonly reserved: Map<string, Map<string, number>>;
  /** Whether roles may have more than when their limits were looked at last, by something else than an offer. */
  useGrew: boolean;
  /** Set while nothing is offered because too few agents are back. */
  pause: { readonly awaitedMax: number; readonly untilMs: number } | undefined;
  /** Agents to offer at the end of this step. */
  wanted: "none" | "all" | Set<Agent>;
}

export interface RoleShare {
  /** Of the frameworks in the role itself. */
  readonly own: Share;
  /** With the roles below it. */
  readonly subtree: Share;
}

export interface Deadlines {
  readonly pings: DeadlineQueue<AgentId>;
  /** Disconnected and recovered agents that must be back by then. */
  readonly reregistrations: DeadlineQueue<AgentId>;
  readonly heartbeats: DeadlineQueue<FrameworkId>;
  readonly failovers: DeadlineQueue<FrameworkId>;
  readonly offers: DeadlineQueue<OfferId>;
  readonly inverseOffers: DeadlineQueue<InverseOfferId>;
  readonly operatorHeartbeats: DeadlineQueue<StreamId>;
  /** When a maintenance window must be looked at; undefined while none has to be. */
  nextWindowAtMs: number | undefined;
  nextAllocationAtMs: number;
}

/** What operators' event streams are told (operator/publish-changes.ts). Empty while there is none. */
export interface Watch {
  /** Oldest first. */
  readonly streams: Set<StreamId>;
  /** How agents and frameworks were told last. */
  readonly agents: Map<AgentId, AgentFace>;
  readonly frameworks: Map<FrameworkId, FrameworkFace>;
  /** What may have changed in this step. */
  readonly changed: {
    readonly agents: Set<AgentId>;
    readonly frameworks: Set<FrameworkId>;
    readonly tasks: Map<Task, TaskChange>;
  };
}

export interface TaskChange {
  isNew: boolean;
  /** The update that changed it; undefined when it was the master. */
  status: TaskStatus | undefined;
}

/** What an event says of an agent and GetAgents can show, without what offers and tasks change. */
export type AgentFace = readonly unknown[];

export type FrameworkFace = readonly unknown[];

/**
 * The operator of the workload: gives orders about agents, machines, roles and frameworks and writes them to the history, remembers which
 * agents there ever were, starts a node again whose agent ended because it was refused, and in the end takes back into service what was
 * taken out of it.
 */

import { refusedExitCode } from "../checkers/evidence.ts";
import type { Cluster } from "../cluster.ts";
import type { AgentOrderJson, AgentSnapshot, AnswerJson, HistoryEvent, NodeName, OrderJson, ResourceOrderJson } from "../history/event.ts";
import type { FrameworkOrderJson } from "../history/framework-order-json.ts";
import type { MaintenanceOrderJson } from "../history/maintenance-json.ts";
import type { Recorder } from "../history/recorder.ts";
import type { RoleOrderJson } from "../history/role-json.ts";
import { decodeAnswer } from "./maintenance-codec.ts";
import { MaintenancePlan } from "./maintenance-plan.ts";
import { encodeOrder } from "./operator-codec.ts";
import { decodeRoleAnswer, isRoleOrderKind } from "./role-codec.ts";
import { RolePlan } from "./role-plan.ts";

/**
 * Which agents a step means: those that nodes have now, in the order in which they came or in that of their nodes, those that were taken
 * out of service, earlier ones, or one that never was.
 */
export type AgentChoice = "current" | "ofNode" | "withheld" | "former" | "unknown";

/** Nothing of it is to be undone in the end. */
const noConsequence = (): void => undefined;

/** How long a node stays down whose agent was refused. */
const restartDelayMs = 1_000;

export class Operator {
  readonly #cluster: Cluster;
  readonly #recorder: Recorder;
  /** Every agent id of each node, the newest last. */
  readonly #idsOf = new Map<NodeName, string[]>();
  /** Ids of agents that were to be taken out of service, and were not to be taken back. */
  readonly #withheld = new Set<string>();
  /** Ids of agents about which an order waits for its outcome. */
  readonly #waiting = new Set<string>();
  readonly maintenance = new MaintenancePlan();
  readonly roles = new RolePlan();
  /** Orders about machines that wait for their outcome. */
  #waitingForMachines = 0;
  /** One without an answer may be obeyed at any time, so this stays. */
  #hasPlanned = false;
  readonly #refused = new Map<NodeName, { readonly incarnation: number; readonly restartAtMs: number }>();

  constructor(cluster: Cluster, recorder: Recorder) {
    this.#cluster = cluster;
    this.#recorder = recorder;
    for (const event of recorder.events) this.#heard(event);
    recorder.listen((event) => this.#heard(event));
  }

  /** The ids that a choice stands for, in a fixed order. */
  agentIds(choice: AgentChoice): readonly string[] {
    switch (choice) {
      case "current":
        return [...this.#idsOf.values()].flatMap((ids) => ids.slice(-1));
      case "ofNode":
        return this.#cluster.nodes().flatMap(({ node }) => this.#idsOf.get(node)?.slice(-1) ?? []);
      case "withheld":
        return [...this.#withheld];
      case "former":
        return [...this.#idsOf.values()].flatMap((ids) => ids.slice(0, -1));
      case "unknown":
        return ["agent-of-nobody"];
    }
  }

  /** The node that has, or had, an agent of this id. */
  nodeOf(agentId: string): NodeName | undefined {
    for (const [node, ids] of this.#idsOf) if (ids.includes(agentId)) return node;
    return undefined;
  }

  /** Gives an order about an agent and records its outcome. */
  order(body: AgentOrderJson): void {
    const { agentId } = body;
    if (body.kind !== "reactivateAgent") this.#withheld.add(agentId);
    this.#waiting.add(agentId);
    this.#give(body, (isObeyed) => {
      this.#waiting.delete(agentId);
      if (isObeyed && (body.kind === "reactivateAgent" || body.kind === "markAgentGone")) this.#withheld.delete(agentId);
    });
  }

  /** Gives an order about machines, or asks about them, and records the outcome. */
  orderMaintenance(body: MaintenanceOrderJson): void {
    this.#waitingForMachines++;
    this.#hasPlanned ||= body.kind === "updateSchedule";
    this.#give(body, (isObeyed, answer) => {
      this.#waitingForMachines--;
      if (isObeyed) this.maintenance.obeyed(body);
      if (answer !== undefined && answer.kind !== "quotas" && answer.kind !== "weights") this.maintenance.answered(answer);
    });
  }

  /** One step towards the end of all maintenance: looks what there is, takes machines up that are DOWN, cancels the rest. */
  endMaintenance(): void {
    if (!this.#hasPlanned || this.#waitingForMachines > 0) return;
    this.orderMaintenance({ kind: "getMaintenanceProgress" });
    const down = this.maintenance.machines("down");
    if (down.length > 0) this.orderMaintenance({ kind: "stopMaintenance", machines: down });
    else if (this.maintenance.windows.length > 0) this.orderMaintenance({ kind: "updateSchedule", windows: [] });
  }

  /** Gives an order about roles, or asks about them, and records the outcome. */
  orderRoles(body: RoleOrderJson): void {
    this.roles.ordered(body);
    this.#give(body, (_isObeyed, answer) => this.roles.settled(answer));
  }

  /** One step towards the end of all quotas, with a look at the weights. */
  endQuotas(): void {
    for (const body of this.roles.nextEnd) this.orderRoles(body);
  }

  /** Gives an order about a framework or one of its tasks and records the outcome. */
  orderFrameworks(body: FrameworkOrderJson): void {
    this.#give(body, noConsequence);
  }

  /** Gives an order about an agent's resources and records the outcome. */
  orderResources(body: ResourceOrderJson): void {
    this.#give(body, noConsequence);
  }

  #give(body: OrderJson, settled: (isObeyed: boolean, answer: AnswerJson | undefined) => void): void {
    const call = this.#recorder.nextCall();
    this.#recorder.record({ kind: "order", call, body });
    const { rpc, bytes } = encodeOrder(body, this.#cluster.startedWallMs);
    this.#cluster.operator.order(rpc, bytes, (outcome) => {
      if (outcome.kind === "ok") {
        const answer = isRoleOrderKind(body.kind)
          ? decodeRoleAnswer(body.kind, outcome.answer)
          : decodeAnswer(body.kind, outcome.answer, this.#cluster.startedWallMs);
        this.#recorder.record({ kind: "ok", call, ...(answer === undefined ? {} : { answer }) });
        settled(true, answer);
        return;
      }
      if (outcome.kind === "fail") this.#recorder.record({ ...outcome, call });
      else this.#recorder.record({ ...outcome, call });
      settled(false, undefined);
    });
  }

  /** Orders every agent of the list back into service that can be; one that drains must end that by itself. */
  reactivateAll(agents: readonly AgentSnapshot[]): void {
    for (const { agentId, deactivated, drain } of agents) {
      if (deactivated === true && drain?.phase !== "draining" && !this.#waiting.has(agentId))
        this.order({ kind: "reactivateAgent", agentId });
    }
  }

  /** Starts nodes again whose agents ended by themselves, as their supervisor does. */
  async tick(nowMs: number): Promise<void> {
    for (const [node, { incarnation, restartAtMs }] of [...this.#refused]) {
      if (restartAtMs > nowMs) continue;
      this.#refused.delete(node);
      const status = this.#cluster.nodes().find((one) => one.node === node);
      if (status?.state === "exited" && status.incarnation === incarnation) await this.#cluster.restart(node);
    }
  }

  #heard(event: HistoryEvent): void {
    this.maintenance.heard(event);
    if (event.kind === "agentRegistered") {
      const ids = this.#idsOf.get(event.node) ?? [];
      if (ids.at(-1) !== event.agentId) this.#idsOf.set(event.node, [...ids, event.agentId]);
    }
    if (event.kind === "nodeExited" && event.code === refusedExitCode && !event.expected) {
      this.#refused.set(event.node, { incarnation: event.incarnation, restartAtMs: this.#cluster.nowMs() + restartDelayMs });
    }
  }
}

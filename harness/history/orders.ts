/**
 * What operators ordered about agents, and when each order surely or possibly held. An order whose outcome nobody knows may take effect
 * at any time after it was made, or never.
 */

import type { Touch } from "./machine-times.ts";
import type { AgentOrderRecord } from "./records.ts";

/** A time in which the agent surely was deactivated, in answer to `order`. The end is when somebody first asked to take that back. */
export interface Withholding {
  readonly order: AgentOrderRecord;
  readonly untilSeq: number;
  readonly untilMs: number;
}

/** What the maintenance of machines may have done, beside orders about agents. */
export interface MaintenanceTouches {
  of(agentId: string): readonly Touch[];
  /** When an event happened. */
  atMsOf(seq: number): number;
}

export class AgentOrders {
  /** Those that were not refused, by agent id, in the order in which they were made. */
  readonly #byAgent = new Map<string, AgentOrderRecord[]>();
  readonly #touches: MaintenanceTouches;

  constructor(orders: readonly AgentOrderRecord[], touches: MaintenanceTouches) {
    this.#touches = touches;
    for (const order of orders) {
      if (order.outcome === "fail") continue;
      const { agentId } = order.body;
      this.#byAgent.get(agentId)?.push(order) ?? this.#byAgent.set(agentId, [order]);
    }
  }

  /** Every agent id about which something was ordered and not refused. */
  get agentIds(): Iterable<string> {
    return this.#byAgent.keys();
  }

  of(agentId: string): readonly AgentOrderRecord[] {
    return this.#byAgent.get(agentId) ?? [];
  }

  /** The first order that may have marked the agent gone, or have it marked so once it is empty; undefined when nobody wanted that. */
  firstGone(agentId: string): AgentOrderRecord | undefined {
    return this.of(agentId).find(meansGone);
  }

  /** Whether an operator, or the maintenance of its machine, may have ended the agent before a position. */
  mayBeGone(agentId: string, beforeSeq: number): boolean {
    return (this.firstGone(agentId)?.invokeSeq ?? Number.POSITIVE_INFINITY) < beforeSeq || this.mayBeRemoved(agentId, beforeSeq);
  }

  /** Whether the maintenance of its machine may have ended the agent before a position. */
  mayBeRemoved(agentId: string, beforeSeq: number): boolean {
    const touches = this.#touches.of(agentId);
    if (touches.length === 0) return false;
    const atMs = this.#touches.atMsOf(beforeSeq);
    return touches.some(({ removesFromMs }) => Number.isFinite(removesFromMs) && removesFromMs <= atMs);
  }

  /** The first MARK_AGENT_GONE that was obeyed: from its outcome on the id is used up for good. */
  markedGone(agentId: string): AgentOrderRecord | undefined {
    return this.of(agentId).find(({ body, outcome }) => body.kind === "markAgentGone" && outcome === "ok");
  }

  /** From where on an operator may have asked for the end of what runs on the agent; Infinity when nobody did. */
  firstEmptyingSeq(agentId: string): number {
    return this.of(agentId).find(isEmptying)?.invokeSeq ?? Number.POSITIVE_INFINITY;
  }

  /**
   * Whether an operator may have asked for the end of what runs on the agent before a position: by a drain, by marking it gone, or by
   * maintenance.
   */
  mayHaveEnded(agentId: string, beforeSeq: number): boolean {
    if (this.firstEmptyingSeq(agentId) < beforeSeq) return true;
    const touches = this.#touches.of(agentId);
    if (touches.length === 0) return false;
    const atMs = this.#touches.atMsOf(beforeSeq);
    return touches.some(({ fromMs }) => fromMs <= atMs);
  }

  /** Whether the agent may have been draining, drained or gone at some time between the two instants. */
  mayEmpty(agentId: string, fromMs: number, toMs: number): boolean {
    if (this.#mayBeTouched(agentId, fromMs, toMs)) return true;
    return this.of(agentId).some((order) => isEmptying(order) && this.#mayHold(order, fromMs, toMs));
  }

  /** Whether the agent may have been deactivated, in whichever way, at some time between the two instants. */
  mayWithhold(agentId: string, fromMs: number, toMs: number): boolean {
    if (this.#mayBeTouched(agentId, fromMs, toMs)) return true;
    return this.of(agentId).some((order) => order.body.kind !== "reactivateAgent" && this.#mayHold(order, fromMs, toMs));
  }

  /** The times in which the agent surely was deactivated. */
  withholdings(agentId: string): readonly Withholding[] {
    const orders = this.of(agentId);
    const reactivations = orders.filter(({ body }) => body.kind === "reactivateAgent");
    return orders.flatMap((order) => {
      const { body, outcome, invokeSeq, outcomeSeq } = order;
      if (outcome !== "ok" || body.kind === "reactivateAgent") return [];
      // One that was on its way at the same time may have been obeyed after it.
      if (reactivations.some((other) => other.invokeSeq < outcomeSeq && (other.outcome !== "ok" || other.outcomeSeq > invokeSeq)))
        return [];
      const end = reactivations.find((other) => other.invokeSeq > outcomeSeq);
      return [{ order, untilSeq: end?.invokeSeq ?? Number.POSITIVE_INFINITY, untilMs: end?.invokeAtMs ?? Number.POSITIVE_INFINITY }];
    });
  }

  #mayBeTouched(agentId: string, fromMs: number, toMs: number): boolean {
    const isOver = ({ removesFromMs, overMs }: Touch): boolean => removesFromMs === Number.POSITIVE_INFINITY && overMs < fromMs;
    return this.#touches.of(agentId).some((touch) => touch.fromMs <= toMs && !isOver(touch));
  }

  #mayHold(order: AgentOrderRecord, fromMs: number, toMs: number): boolean {
    if (order.invokeAtMs > toMs) return false;
    if (order.outcome !== "ok" || meansGone(order)) return true;
    const end = this.of(order.body.agentId).find(
      ({ body, outcome, invokeSeq }) => body.kind === "reactivateAgent" && outcome === "ok" && invokeSeq > order.outcomeSeq,
    );
    return end === undefined || end.outcomeAtMs >= fromMs;
  }
}

function meansGone({ body }: AgentOrderRecord): boolean {
  return body.kind === "markAgentGone" || (body.kind === "drainAgent" && body.markGone);
}

function isEmptying({ body }: AgentOrderRecord): boolean {
  return body.kind === "drainAgent" || body.kind === "markAgentGone";
}

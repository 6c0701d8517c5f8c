/**
 * What operators ordered about agents, and when each order surely or possibly held. An order whose outcome nobody knows may take effect
 * at any time after it was made, or never.
 */

import type { OrderRecord } from "./records.ts";

/** A time in which the agent surely was deactivated, in answer to `order`. The end is when somebody first asked to take that back. */
export interface Withholding {
  readonly order: OrderRecord;
  readonly untilSeq: number;
  readonly untilMs: number;
}

export class AgentOrders {
  /** Those that were not refused, by agent id, in the order in which they were made. */
  readonly #byAgent = new Map<string, OrderRecord[]>();

  constructor(orders: readonly OrderRecord[]) {
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

  of(agentId: string): readonly OrderRecord[] {
    return this.#byAgent.get(agentId) ?? [];
  }

  /** The first order that may have marked the agent gone, or have it marked so once it is empty; undefined when nobody wanted that. */
  firstGone(agentId: string): OrderRecord | undefined {
    return this.of(agentId).find(meansGone);
  }

  mayBeGone(agentId: string, beforeSeq: number): boolean {
    return (this.firstGone(agentId)?.invokeSeq ?? Number.POSITIVE_INFINITY) < beforeSeq;
  }

  /** The first MARK_AGENT_GONE that was obeyed: from its outcome on the id is used up for good. */
  markedGone(agentId: string): OrderRecord | undefined {
    return this.of(agentId).find(({ body, outcome }) => body.kind === "markAgentGone" && outcome === "ok");
  }

  /** Whether an operator may have asked for the end of what runs on the agent, by a drain or by marking it gone, before a position. */
  mayHaveEnded(agentId: string, beforeSeq: number): boolean {
    return this.of(agentId).some((order) => isEmptying(order) && order.invokeSeq < beforeSeq);
  }

  /** Whether the agent may have been draining, drained or gone at some time between the two instants. */
  mayEmpty(agentId: string, fromMs: number, toMs: number): boolean {
    return this.of(agentId).some((order) => isEmptying(order) && this.#mayHold(order, fromMs, toMs));
  }

  /** Whether the agent may have been deactivated, in whichever way, at some time between the two instants. */
  mayWithhold(agentId: string, fromMs: number, toMs: number): boolean {
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

  #mayHold(order: OrderRecord, fromMs: number, toMs: number): boolean {
    if (order.invokeAtMs > toMs) return false;
    if (order.outcome !== "ok" || meansGone(order)) return true;
    const end = this.of(order.body.agentId).find(
      ({ body, outcome, invokeSeq }) => body.kind === "reactivateAgent" && outcome === "ok" && invokeSeq > order.outcomeSeq,
    );
    return end === undefined || end.outcomeAtMs >= fromMs;
  }
}

function meansGone({ body }: OrderRecord): boolean {
  return body.kind === "markAgentGone" || (body.kind === "drainAgent" && body.markGone);
}

function isEmptying({ body }: OrderRecord): boolean {
  return body.kind === "drainAgent" || body.kind === "markAgentGone";
}

/** An operator's orders, from the history's form to the name of an RPC and its request. */

import {
  Call_DeactivateAgent,
  Call_DrainAgent,
  Call_MarkAgentGone,
  Call_ReactivateAgent,
} from "../../protos/gen/mesos/v1/master/master.ts";
import type { OrderJson } from "../history/event.ts";

export interface OrderRequest {
  /** Of tepui.v1.MasterOperator. */
  readonly rpc: string;
  readonly bytes: Uint8Array;
}

export function encodeOrder(order: OrderJson): OrderRequest {
  const agentId = { value: order.agentId };
  switch (order.kind) {
    case "drainAgent": {
      const { maxGraceMs, markGone } = order;
      const maxGracePeriod =
        maxGraceMs === undefined ? undefined : { seconds: BigInt(Math.floor(maxGraceMs / 1_000)), nanos: (maxGraceMs % 1_000) * 1_000_000 };
      return { rpc: orderRpcs.drainAgent, bytes: Call_DrainAgent.encode({ agentId, maxGracePeriod, markGone }).finish() };
    }
    case "deactivateAgent":
      return { rpc: orderRpcs.deactivateAgent, bytes: Call_DeactivateAgent.encode({ agentId }).finish() };
    case "reactivateAgent":
      return { rpc: orderRpcs.reactivateAgent, bytes: Call_ReactivateAgent.encode({ agentId }).finish() };
    case "markAgentGone":
      return { rpc: orderRpcs.markAgentGone, bytes: Call_MarkAgentGone.encode({ agentId }).finish() };
  }
}

const orderRpcs = {
  drainAgent: "DrainAgent",
  deactivateAgent: "DeactivateAgent",
  reactivateAgent: "ReactivateAgent",
  markAgentGone: "MarkAgentGone",
} as const satisfies Record<OrderJson["kind"], string>;

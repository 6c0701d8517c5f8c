/** What an operator can ask of the master, and the answers; `wire/operator.ts` makes mesos.v1.master messages of them. */

import type { AgentId } from "../../../common/ids.ts";
import type {
  Response_GetAgents,
  Response_GetExecutors,
  Response_GetFrameworks,
  Response_GetState,
  Response_GetTasks,
} from "../../../protos/gen/mesos/v1/master/master.ts";
import type { DrainOrder } from "../agents/standing.ts";

export type OperatorCall =
  | { readonly kind: "getState" }
  | { readonly kind: "getAgents" }
  | { readonly kind: "getFrameworks" }
  | { readonly kind: "getExecutors" }
  | { readonly kind: "getTasks" }
  | ({ readonly kind: "drainAgent" } & DrainOrder)
  | { readonly kind: "deactivateAgent"; readonly agentId: AgentId }
  | { readonly kind: "reactivateAgent"; readonly agentId: AgentId }
  | { readonly kind: "markAgentGone"; readonly agentId: AgentId };

/** Those that are answered by what the master knows at once. */
export type OperatorQuestion = Extract<OperatorCall, { readonly kind: `get${string}` }>;

export type OperatorResponse =
  | { readonly kind: "getState"; readonly state: Response_GetState; readonly term: number; readonly registryVersion: number }
  | { readonly kind: "getAgents"; readonly agents: Response_GetAgents }
  | { readonly kind: "getFrameworks"; readonly frameworks: Response_GetFrameworks }
  | { readonly kind: "getExecutors"; readonly executors: Response_GetExecutors }
  | { readonly kind: "getTasks"; readonly tasks: Response_GetTasks }
  /** What was ordered is durable. */
  | { readonly kind: "done" };

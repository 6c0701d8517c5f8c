/** What an operator can ask of the master, and the answers; `wire/operator.ts` makes mesos.v1.master messages of them. */

import type {
  Response_GetAgents,
  Response_GetExecutors,
  Response_GetFrameworks,
  Response_GetState,
  Response_GetTasks,
} from "../../../protos/gen/mesos/v1/master/master.ts";

export type OperatorCall =
  | { readonly kind: "getState" }
  | { readonly kind: "getAgents" }
  | { readonly kind: "getFrameworks" }
  | { readonly kind: "getExecutors" }
  | { readonly kind: "getTasks" };

export type OperatorResponse =
  | { readonly kind: "getState"; readonly state: Response_GetState; readonly term: number; readonly registryVersion: number }
  | { readonly kind: "getAgents"; readonly agents: Response_GetAgents }
  | { readonly kind: "getFrameworks"; readonly frameworks: Response_GetFrameworks }
  | { readonly kind: "getExecutors"; readonly executors: Response_GetExecutors }
  | { readonly kind: "getTasks"; readonly tasks: Response_GetTasks };

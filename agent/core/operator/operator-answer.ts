/** Answers what operators ask. Every answer is one consistent picture of the state between two steps. */

import { assertNever } from "../../../common/assert.ts";
import type {
  Response_GetExecutors,
  Response_GetFrameworks,
  Response_GetOperations,
  Response_GetState,
  Response_GetTasks,
} from "../../../protos/gen/mesos/v1/agent/agent.ts";
import type { AgentState } from "../state.ts";
import { type AgentDetails, getAgent } from "./get-agent.ts";
import { getExecutors } from "./get-executors.ts";
import { getFrameworks } from "./get-frameworks.ts";
import { getOperations } from "./get-operations.ts";
import { getTasks } from "./get-tasks.ts";

export type OperatorQuestion = OperatorAnswer["kind"];

export type OperatorAnswer =
  | { readonly kind: "getState"; readonly state: Response_GetState }
  | { readonly kind: "getFrameworks"; readonly frameworks: Response_GetFrameworks }
  | { readonly kind: "getExecutors"; readonly executors: Response_GetExecutors }
  | { readonly kind: "getOperations"; readonly operations: Response_GetOperations }
  | { readonly kind: "getTasks"; readonly tasks: Response_GetTasks }
  | { readonly kind: "getAgent"; readonly agent: AgentDetails };

/** Undefined while the agent recovers. */
export function answerOperator(state: AgentState, question: OperatorQuestion): OperatorAnswer | undefined {
  if (state.connection.kind === "recovering") return undefined;
  switch (question) {
    case "getState":
      return {
        kind: question,
        state: { getTasks: getTasks(state), getExecutors: getExecutors(state), getFrameworks: getFrameworks(state) },
      };
    case "getFrameworks":
      return { kind: question, frameworks: getFrameworks(state) };
    case "getExecutors":
      return { kind: question, executors: getExecutors(state) };
    case "getOperations":
      return { kind: question, operations: getOperations(state) };
    case "getTasks":
      return { kind: question, tasks: getTasks(state) };
    case "getAgent":
      return { kind: question, agent: getAgent(state) };
    default:
      return assertNever(question);
  }
}

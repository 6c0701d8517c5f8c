/** What operators' event streams are told; `wire/operator-events.ts` makes messages of it. */

import type { AgentId, FrameworkId } from "../../../common/ids.ts";
import type { TaskState } from "../../../common/task-state.ts";
import type { Response_GetAgents_Agent, Response_GetFrameworks_Framework } from "../../../protos/gen/mesos/v1/master/master.ts";
import type { FrameworkInfo, Task, TaskStatus } from "../../../protos/gen/mesos/v1/mesos.ts";
import type { StateSnapshot } from "./snapshot.ts";

export type OperatorEvent =
  | { readonly kind: "subscribed"; readonly state: StateSnapshot; readonly heartbeatIntervalMs: number }
  | { readonly kind: "heartbeat" }
  | { readonly kind: "taskAdded"; readonly task: Task }
  /** `state` is the newest that the master knows; `status` may be older. */
  | { readonly kind: "taskUpdated"; readonly frameworkId: FrameworkId; readonly status: TaskStatus; readonly state: TaskState }
  /** Also of a known agent that changed. */
  | { readonly kind: "agentAdded"; readonly agent: Response_GetAgents_Agent }
  | { readonly kind: "agentRemoved"; readonly agentId: AgentId }
  | { readonly kind: "frameworkAdded" | "frameworkUpdated"; readonly framework: Response_GetFrameworks_Framework }
  | { readonly kind: "frameworkRemoved"; readonly info: FrameworkInfo };

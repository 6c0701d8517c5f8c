/**
 * The state at one instant, taken in a fraction of the time that its messages take: what may change is copied, and a message is made of
 * it when its turn comes, between other inputs. So a reader of 100,000 tasks does not keep everybody else waiting.
 */

import { type Resources, sumResources } from "../../../common/resources.ts";
import type {
  Response_GetAgents_Agent,
  Response_GetExecutors_Executor,
  Response_GetFrameworks_Framework,
} from "../../../protos/gen/mesos/v1/master/master.ts";
import type { AgentInfo, Offer, Task } from "../../../protos/gen/mesos/v1/mesos.ts";

/** Makes a message of what was taken; the same whenever it is called. */
export type Later<Message> = () => Message;

/** Tasks are so many that even one object for each takes too long. */
export interface TakenTasks {
  readonly length: number;
  messageOf(index: number): Task;
}

export interface TasksSnapshot {
  readonly tasks: TakenTasks;
  readonly unreachableTasks: TakenTasks;
  readonly completedTasks: TakenTasks;
}

export interface AgentsSnapshot {
  readonly agents: readonly Later<Response_GetAgents_Agent>[];
  readonly recoveredAgents: readonly AgentInfo[];
}

/** One framework may have all tasks and offers of the cluster, so even one message is made in parts. */
export interface FrameworkSnapshot {
  /** Of its tasks and executors. */
  readonly held: readonly Resources[];
  /** Of its offers. */
  readonly offered: readonly Resources[];
  readonly offers: readonly Later<Offer>[];
  /** Without offers. */
  toMessage(allocated: Resources, offered: Resources): Response_GetFrameworks_Framework;
}

export interface FrameworksSnapshot {
  readonly frameworks: readonly FrameworkSnapshot[];
  readonly completedFrameworks: readonly Later<Response_GetFrameworks_Framework>[];
}

export interface StateSnapshot {
  readonly tasks: TasksSnapshot;
  readonly executors: readonly Response_GetExecutors_Executor[];
  readonly frameworks: FrameworksSnapshot;
  readonly agents: AgentsSnapshot;
}

/** Of one framework all at once. */
export function toWholeFramework({ held, offered, offers, toMessage }: FrameworkSnapshot): Response_GetFrameworks_Framework {
  return { ...toMessage(sumResources(held), sumResources(offered)), offers: offers.map((offer) => offer()) };
}

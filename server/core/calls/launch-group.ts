/** LAUNCH_GROUP of an ACCEPT: all tasks of the group, and their executor if that is new, or nothing. Source: Mesos Master::_accept. */

import { allocateResources, sumResources } from "../../../common/resources.ts";
import { sendToAgent } from "../agents/connection.ts";
import { addExecutor } from "../executors.ts";
import type { Offer } from "../state.ts";
import type { Turn } from "../turn.ts";
import type { TaskGroupDescription } from "./call.ts";
import { bookTask, newExecutor, sendTaskError, takeNeeded, type Usable } from "./launch.ts";
import { toExecutorInfo } from "./validate-executor.ts";
import { groupProblem } from "./validate-group.ts";

export function launchGroup(turn: Turn, offer: Offer, { rest, group }: { rest: Usable; group: TaskGroupDescription }): void {
  const { framework, agent, role } = offer;
  const members = group.tasks.map((description) => ({ description, resources: allocateResources(description.resources, role) }));
  const executor = newExecutor(offer, group.executor);
  const needed = sumResources([...members.map(({ resources }) => resources), executor?.resources ?? []]);
  const problem = groupProblem(group, { framework, offer, remaining: rest.usable, resources: needed });
  if (problem !== undefined) {
    const message = `Task group: ${problem}`;
    for (const description of group.tasks) sendTaskError(turn, framework, { description, reason: "REASON_TASK_GROUP_INVALID", message });
    return;
  }
  takeNeeded(turn, offer, { rest, needed });
  if (executor !== undefined) addExecutor(turn.state, { framework, agent, executor }, "offer");
  const tasks = members.map((member) => bookTask(turn, offer, { ...member, executor: group.executor }));
  sendToAgent(turn, agent, {
    kind: "runTaskGroup",
    framework: framework.description.info,
    executor: toExecutorInfo(group.executor, offer),
    launchesExecutor: executor !== undefined,
    tasks: tasks.map(({ executor: _, ...task }) => task),
  });
}

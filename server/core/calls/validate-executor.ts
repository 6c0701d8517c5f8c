/** The rules for the executor of a task that need the master's books. Source: Mesos master/validation.cpp, executor and task::validate. */

import { isEmptyResources, type Resources, subtractResources, unallocateResources } from "../../../common/resources.ts";
import { findExecutor } from "../executors.ts";
import { isSameMessage } from "../same-message.ts";
import type { Offer } from "../state.ts";
import type { TaskDescription } from "./call.ts";

/** The first rule that the executor breaks beside its task; undefined for a task without one. */
export function executorProblem(
  { executor, resources }: Pick<TaskDescription, "executor" | "resources">,
  offer: Offer,
): string | undefined {
  if (executor === undefined) return undefined;
  const { frameworkId } = offer.framework;
  const named = executor.info.frameworkId?.value;
  if (named !== undefined && named !== frameworkId) return `executor.framework_id must be ${frameworkId}, is ${named}`;
  const foreign = executor.resources.find(({ allocationRole }) => allocationRole !== undefined && allocationRole !== offer.role);
  if (foreign !== undefined)
    return `executor.resources must be allocated to role "${offer.role}", ${foreign.name} is to "${foreign.allocationRole}"`;
  const shared = executor.resources.find((entry) => entry.shared === true);
  if (shared !== undefined) return `executor.resources must not be shared, volume ${shared.disk?.persistence?.id} is`;
  const known = findExecutor(offer.agent, frameworkId, executor.executorId);
  const wanted = toExecutorInfo(executor, offer);
  if (known !== undefined && !isSameMessage(known.info, wanted)) {
    return `executor must be described as before, executor ${executor.executorId} runs on agent ${offer.agent.agentId} and differs`;
  }
  return overlapProblem(resources, executor.resources);
}

/** The ExecutorInfo as agents get it: with what the scheduler may leave out. */
export function toExecutorInfo({ info }: NonNullable<TaskDescription["executor"]>, { framework, role }: Offer): typeof info {
  return {
    ...info,
    frameworkId: { value: framework.frameworkId },
    resources: info.resources.map((resource) => ({ ...resource, allocationInfo: { role } })),
  };
}

/** Ranges and sets cannot be counted twice, so a port belongs to the task or to the executor. */
function overlapProblem(task: Resources, executor: Resources): string | undefined {
  for (const resource of unallocateResources(executor)) {
    if (resource.value.kind === "scalar") continue;
    const alone: Resources = [resource];
    const rest = subtractResources(alone, unallocateResources(task));
    const isWhole = isEmptyResources(subtractResources(alone, rest));
    if (!isWhole) return `resources and executor.resources must not overlap, both have some of ${resource.name}`;
  }
  return undefined;
}

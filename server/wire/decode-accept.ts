/** ACCEPT: what to do with offered resources. */

import { OfferId } from "../../common/ids.ts";
import { type Result, succeed } from "../../common/result.ts";
import { type Offer_Operation, Offer_Operation_Type as OperationType } from "../../protos/gen/mesos/v1/mesos.ts";
import type { Call } from "../../protos/gen/mesos/v1/scheduler/scheduler.ts";
import type { OfferOperation, SchedulerCall, TaskDescription } from "../core/calls/call.ts";
import { describeChange } from "./decode-operation.ts";
import { describeTask } from "./decode-task.ts";
import { describeTaskGroup } from "./decode-task-group.ts";
import { offerIdsMax, operationsMax, tasksMax } from "./limits.ts";
import { findFiltersProblem, findIdListProblem, readRefuseMs, refuseArgument, refuseUnsupported } from "./rules.ts";

/** Reads an ACCEPT. Whether the offers exist and belong to the caller is for the core to say. */
export function decodeAccept({ accept }: Call): Result<SchedulerCall> {
  if (accept === undefined) return refuseArgument("accept must be set");
  if (accept.offerIds.length === 0) return refuseArgument("accept.offer_ids must not be empty");
  const problem =
    findIdListProblem("accept.offer_ids", accept.offerIds, offerIdsMax) ?? findFiltersProblem("accept.filters", accept.filters);
  if (problem !== undefined) return refuseArgument(problem);
  if (accept.operations.length > operationsMax) {
    return refuseArgument(`accept.operations must have at most ${operationsMax} entries, has ${accept.operations.length}`);
  }
  const operations: OfferOperation[] = [];
  let taskCount = 0;
  for (const [index, message] of accept.operations.entries()) {
    const operation = decodeOperation(message, `accept.operations[${index}]`);
    if (!operation.ok) return operation;
    taskCount += taskCountOf(operation.value);
    operations.push(operation.value);
  }
  if (taskCount > tasksMax) return refuseArgument(`accept.operations must launch at most ${tasksMax} tasks, have ${taskCount}`);
  return succeed({
    kind: "accept",
    offerIds: accept.offerIds.map(({ value }) => OfferId(value)),
    operations,
    refuseMs: readRefuseMs(accept.filters),
  });
}

function taskCountOf(operation: OfferOperation): number {
  if (operation.kind === "launch") return operation.tasks.length;
  return operation.kind === "launchGroup" ? operation.group.tasks.length : 0;
}

const operationNames: ReadonlyMap<number, string> = new Map(Object.entries(OperationType).map(([name, number]) => [number, name]));

function decodeOperation(operation: Offer_Operation, path: string): Result<OfferOperation> {
  const { type, launch, launchGroup } = operation;
  if (type === undefined || type === OperationType.UNKNOWN) return refuseArgument(`${path}.type must be set`);
  const change = describeChange(operation, operationNames.get(type) ?? String(type));
  if (change !== undefined) return succeed(change);
  if (type === OperationType.LAUNCH_GROUP) {
    if (launchGroup === undefined) return refuseArgument(`${path}.launch_group must be set`);
    // Nobody could be told of a group without tasks, by a TASK_ERROR or otherwise, that nothing came of it.
    if ((launchGroup.taskGroup?.tasks ?? []).length === 0) {
      return refuseArgument(`${path}.launch_group.task_group.tasks must not be empty`);
    }
    return succeed({ kind: "launchGroup", group: describeTaskGroup(launchGroup, operation.id) });
  }
  if (type !== OperationType.LAUNCH) return refuseUnsupported(`${path}.type ${operationNames.get(type) ?? type}`);
  if (launch === undefined) return refuseArgument(`${path}.launch must be set`);
  const tasks = launch.taskInfos.map(describeTask);
  return succeed({ kind: "launch", tasks: operation.id === undefined ? tasks : tasks.map(withOperationId) });
}

/** Feedback on operations is for those that change resources; a launch has the updates of its tasks. */
function withOperationId(task: TaskDescription): TaskDescription {
  return { ...task, problem: task.problem ?? "operation id must not be set for a LAUNCH" };
}

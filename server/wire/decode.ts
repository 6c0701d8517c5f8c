/**
 * The edge of the scheduler API: bytes of a mesos.v1.scheduler.Call become a valid call or a reason to tell the caller. Never throws,
 * whatever the bytes. Rules that need the master's state (whose offer is it?) are the core's.
 */

import { schema } from "../../common/contract-schema.ts";
import { AgentId, ExecutorId, FrameworkId, InverseOfferId, OfferId, TaskId, uuidFromBytes } from "../../common/ids.ts";
import { readResources } from "../../common/mesos-resources.ts";
import { type Result, succeed } from "../../common/result.ts";
import { checkMessage } from "../../common/wire-check.ts";
import type { Filters, OfferID } from "../../protos/gen/mesos/v1/mesos.ts";
import { Call, Call_Type as CallType } from "../../protos/gen/mesos/v1/scheduler/scheduler.ts";
import type { SchedulerCall, SubscribeCall } from "../core/calls/call.ts";
import { decodeAccept } from "./decode-accept.ts";
import { decodeAcknowledgeOperation, decodeReconcileOperations } from "./decode-operation.ts";
import { decodeSubscribe, decodeUpdateFramework } from "./decode-subscribe.ts";
import { callLimits, offerIdsMax, reconcileTasksMax, requestsMax, rolesMax } from "./limits.ts";
import {
  findFiltersProblem,
  findGraceProblem,
  findIdListProblem,
  findIdProblem,
  findOptionalIdProblem,
  findRolesProblem,
  readDurationMs,
  readRefuseMs,
  refuseArgument,
  refuseUnsupported,
} from "./rules.ts";

export type DecodedCall =
  | { readonly kind: "subscribe"; readonly call: SubscribeCall }
  | { readonly kind: "call"; readonly frameworkId: FrameworkId; readonly call: SchedulerCall };

type Decoder = (call: Call) => Result<SchedulerCall>;

/** Reads a call. Refusals: INVALID_ARGUMENT with field, rule and value; UNIMPLEMENTED for what tepui cannot do yet. */
export function decodeSchedulerCall(bytes: Uint8Array): Result<DecodedCall> {
  const problem = checkMessage(schema, "mesos.v1.scheduler.Call", bytes, callLimits);
  if (problem !== undefined) return refuseArgument(problem);
  const call = Call.decode(bytes);
  const { type } = call;
  if (type === undefined) return refuseArgument("type must be set");
  if (type === CallType.SUBSCRIBE) {
    const subscribe = decodeSubscribe(call);
    return subscribe.ok ? succeed({ kind: "subscribe", call: subscribe.value }) : subscribe;
  }
  const decoder = decodersByNumber.get(type);
  if (decoder === undefined) return refuseUnsupported(`type ${callNames.get(type) ?? type}`);
  const idProblem = findIdProblem("framework_id", call.frameworkId);
  if (idProblem !== undefined) return refuseArgument(idProblem);
  const decoded = decoder(call);
  return decoded.ok ? succeed({ kind: "call", frameworkId: FrameworkId(call.frameworkId?.value ?? ""), call: decoded.value }) : decoded;
}

/** Every call type of the contract. A new type does not compile until it is listed. */
const decoders = {
  TEARDOWN: () => succeed({ kind: "teardown" }),
  ACCEPT: decodeAccept,
  DECLINE: decodeDecline,
  ACCEPT_INVERSE_OFFERS: decodeAcceptInverseOffers,
  DECLINE_INVERSE_OFFERS: decodeDeclineInverseOffers,
  REVIVE: decodeRevive,
  KILL: decodeKill,
  SHUTDOWN: decodeShutdown,
  ACKNOWLEDGE: decodeAcknowledge,
  ACKNOWLEDGE_OPERATION_STATUS: decodeAcknowledgeOperation,
  RECONCILE: decodeReconcile,
  RECONCILE_OPERATIONS: decodeReconcileOperations,
  MESSAGE: decodeMessage,
  REQUEST: decodeRequest,
  SUPPRESS: decodeSuppress,
  UPDATE_FRAMEWORK: decodeUpdateFramework,
} as const satisfies Record<Exclude<keyof typeof CallType, "UNKNOWN" | "SUBSCRIBE" | "UNRECOGNIZED">, Decoder>;

const decodersByNumber: ReadonlyMap<number, Decoder> = new Map(
  Object.entries(decoders).map(([name, decoder]) => [CallType[name as keyof typeof decoders], decoder]),
);

const callNames: ReadonlyMap<number, string> = new Map(Object.entries(CallType).map(([name, number]) => [number, name]));

function decodeDecline({ decline }: Call): Result<SchedulerCall> {
  if (decline === undefined) return refuseArgument("decline must be set");
  const problem =
    findIdListProblem("decline.offer_ids", decline.offerIds, offerIdsMax) ?? findFiltersProblem("decline.filters", decline.filters);
  if (problem !== undefined) return refuseArgument(problem);
  const offerIds = decline.offerIds.map(({ value }) => OfferId(value));
  return succeed({ kind: "decline", offerIds, refuseMs: readRefuseMs(decline.filters) });
}

function decodeAcceptInverseOffers({ acceptInverseOffers }: Call): Result<SchedulerCall> {
  return decodeInverseOffers("accept_inverse_offers", acceptInverseOffers, true);
}

function decodeDeclineInverseOffers({ declineInverseOffers }: Call): Result<SchedulerCall> {
  return decodeInverseOffers("decline_inverse_offers", declineInverseOffers, false);
}

function decodeInverseOffers(
  path: string,
  answer: { readonly inverseOfferIds: readonly OfferID[]; readonly filters?: Filters | undefined } | undefined,
  accepts: boolean,
): Result<SchedulerCall> {
  if (answer === undefined) return refuseArgument(`${path} must be set`);
  const problem =
    findIdListProblem(`${path}.inverse_offer_ids`, answer.inverseOfferIds, offerIdsMax) ??
    findFiltersProblem(`${path}.filters`, answer.filters);
  if (problem !== undefined) return refuseArgument(problem);
  const inverseOfferIds = answer.inverseOfferIds.map(({ value }) => InverseOfferId(value));
  return succeed({ kind: "answerInverseOffers", accepts, inverseOfferIds, refuseMs: readRefuseMs(answer.filters) });
}

/** The message may be absent, as in Mesos: it means all roles. */
function decodeRevive({ revive }: Call): Result<SchedulerCall> {
  const roles = revive?.roles ?? [];
  const problem = findRolesProblem("revive.roles", roles, rolesMax);
  return problem === undefined ? succeed({ kind: "revive", roles }) : refuseArgument(problem);
}

function decodeSuppress({ suppress }: Call): Result<SchedulerCall> {
  const roles = suppress?.roles ?? [];
  const problem = findRolesProblem("suppress.roles", roles, rolesMax);
  return problem === undefined ? succeed({ kind: "suppress", roles }) : refuseArgument(problem);
}

function decodeRequest({ request }: Call): Result<SchedulerCall> {
  if (request === undefined) return refuseArgument("request must be set");
  const { requests } = request;
  if (requests.length > requestsMax)
    return refuseArgument(`request.requests must have at most ${requestsMax} entries, has ${requests.length}`);
  for (const [index, { agentId, resources }] of requests.entries()) {
    const path = `request.requests[${index}]`;
    const problem = findOptionalIdProblem(`${path}.agent_id`, agentId);
    if (problem !== undefined) return refuseArgument(problem);
    const read = readResources(resources, `${path}.resources`);
    if (!read.ok) return read;
  }
  return succeed({ kind: "request", requestCount: requests.length });
}

function decodeKill({ kill }: Call): Result<SchedulerCall> {
  if (kill === undefined) return refuseArgument("kill must be set");
  const problem =
    findIdProblem("kill.task_id", kill.taskId) ??
    findOptionalIdProblem("kill.agent_id", kill.agentId) ??
    findGraceProblem("kill.kill_policy", kill.killPolicy);
  if (problem !== undefined) return refuseArgument(problem);
  const grace = kill.killPolicy?.gracePeriod;
  return succeed({
    kind: "kill",
    taskId: TaskId(kill.taskId?.value ?? ""),
    agentId: kill.agentId === undefined ? undefined : AgentId(kill.agentId.value),
    graceMs: grace === undefined ? undefined : readDurationMs(grace),
  });
}

function decodeShutdown({ shutdown }: Call): Result<SchedulerCall> {
  if (shutdown === undefined) return refuseArgument("shutdown must be set");
  const { executorId, agentId } = shutdown;
  const problem = findIdProblem("shutdown.executor_id", executorId) ?? findIdProblem("shutdown.agent_id", agentId);
  if (problem !== undefined) return refuseArgument(problem);
  return succeed({ kind: "shutdown", executorId: ExecutorId(executorId?.value ?? ""), agentId: AgentId(agentId?.value ?? "") });
}

function decodeMessage({ message }: Call): Result<SchedulerCall> {
  if (message === undefined) return refuseArgument("message must be set");
  const { executorId, agentId, data } = message;
  const problem = findIdProblem("message.agent_id", agentId) ?? findIdProblem("message.executor_id", executorId);
  if (problem !== undefined) return refuseArgument(problem);
  return succeed({ kind: "message", executorId: ExecutorId(executorId?.value ?? ""), agentId: AgentId(agentId?.value ?? ""), data });
}

const uuidBytes = 16;

function decodeAcknowledge({ acknowledge }: Call): Result<SchedulerCall> {
  if (acknowledge === undefined) return refuseArgument("acknowledge must be set");
  const { agentId, taskId, uuid } = acknowledge;
  const problem = findIdProblem("acknowledge.agent_id", agentId) ?? findIdProblem("acknowledge.task_id", taskId);
  if (problem !== undefined) return refuseArgument(problem);
  if (uuid.length !== uuidBytes) return refuseArgument(`acknowledge.uuid must have ${uuidBytes} bytes, has ${uuid.length}`);
  return succeed({
    kind: "acknowledge",
    agentId: AgentId(agentId?.value ?? ""),
    taskId: TaskId(taskId?.value ?? ""),
    uuid: uuidFromBytes(uuid),
  });
}

function decodeReconcile({ reconcile }: Call): Result<SchedulerCall> {
  if (reconcile === undefined) return refuseArgument("reconcile must be set");
  if (reconcile.tasks.length > reconcileTasksMax) {
    return refuseArgument(`reconcile.tasks must have at most ${reconcileTasksMax} entries, has ${reconcile.tasks.length}`);
  }
  for (const [index, { taskId, agentId }] of reconcile.tasks.entries()) {
    const path = `reconcile.tasks[${index}]`;
    const problem = findIdProblem(`${path}.task_id`, taskId) ?? findOptionalIdProblem(`${path}.agent_id`, agentId);
    if (problem !== undefined) return refuseArgument(problem);
  }
  const tasks = reconcile.tasks.map(({ taskId, agentId }) => ({
    taskId: TaskId(taskId?.value ?? ""),
    agentId: agentId === undefined ? undefined : AgentId(agentId.value),
  }));
  return succeed({ kind: "reconcile", tasks });
}

/** Well-formed events in any order, over a few names, so that they meet: nonsense as a whole, but every line may occur. */

import fc from "fast-check";
import { taskStates } from "../../../common/task-state.ts";
import type { ClaimJson } from "../../../harness/history/claim-json.ts";
import type {
  AgentSnapshot,
  AnswerJson,
  CallJson,
  HistoryBody,
  HistoryEvent,
  OperationJson,
  OrderJson,
  SchedulerEventJson,
} from "../../../harness/history/event.ts";
import type { MachineJson, UnavailabilityJson, WindowJson } from "../../../harness/history/maintenance-json.ts";
import type { ReaderEventJson } from "../../../harness/history/reader-json.ts";
import type { QuotaJson, WeightJson } from "../../../harness/history/role-json.ts";
import { cpusAndMem, testTimings } from "../history-builder.ts";

const framework = fc.constantFrom("f1", "f2");
const frameworkId = fc.constantFrom("F1", "F2");
const streamId = fc.constantFrom("s1", "s2", "s3");
const taskId = fc.constantFrom("t1", "t2", "t3");
const agentId = fc.constantFrom("A1", "A2");
const offerId = fc.constantFrom("o1", "o2", "o3");
const node = fc.constantFrom("master-1", "agent-1", "agent-2");
const uuid = fc.constantFrom("u1", "u2");
const process = fc.constantFrom("p1", "p2");
const small = fc.nat(5);
const flag = fc.boolean();
const text = fc.constantFrom("framework has been removed", "still alive", "closed");
const resources = fc.integer({ min: -1, max: 4 }).map(cpusAndMem);
const state = fc.constantFrom(...taskStates);

function maybe<T>(key: string, value: fc.Arbitrary<T>): fc.Arbitrary<object> {
  return fc.option(value).map((one) => (one === null ? {} : { [key]: one }));
}

/** An object of the given fields, and of some of the optional ones. */
function record<T extends object>(
  fields: { [Key in keyof T]: fc.Arbitrary<T[Key]> },
  ...optional: readonly fc.Arbitrary<object>[]
): fc.Arbitrary<T> {
  return fc.tuple(fc.record(fields), ...optional).map(([required, ...rest]) => Object.assign({}, required, ...rest) as T);
}

const kind = <Kind extends string>(value: Kind) => fc.constant(value);

const task = record({ taskId, agentId, resources, command: fc.constant("sleep") });
const call: fc.Arbitrary<CallJson> = fc.oneof(
  record<CallJson & { kind: "subscribe" }>(
    { kind: kind("subscribe"), failoverTimeoutMs: fc.constantFrom(0, 5_000), partitionAware: flag, roles: fc.constant(["*"]) },
    maybe("frameworkId", frameworkId),
  ),
  record<CallJson & { kind: "teardown" }>({ kind: kind("teardown") }),
  record<CallJson & { kind: "updateFramework" }>(
    {
      kind: kind("updateFramework"),
      failoverTimeoutMs: fc.constantFrom(0, 5_000),
      partitionAware: flag,
      roles: fc.constantFrom(["*"], ["a"]),
      suppressedRoles: fc.constantFrom([], ["*"]),
    },
    maybe("forbidden", fc.constantFrom("user", "principal", "checkpoint")),
  ),
  record<CallJson & { kind: "request" }>({ kind: kind("request"), resources }),
  record<CallJson & { kind: "answerInverseOffers" }>({
    kind: kind("answerInverseOffers"),
    accepts: fc.boolean(),
    inverseOfferIds: fc.constantFrom([], ["i1"], ["i2", "i1"]),
  }),
  record<CallJson & { kind: "accept" }>({
    kind: kind("accept"),
    offerIds: fc.array(offerId, { maxLength: 2 }),
    tasks: fc.array(task, { maxLength: 2 }),
    refuseSeconds: small,
  }),
  record<CallJson & { kind: "decline" }>({
    kind: kind("decline"),
    offerIds: fc.array(offerId, { maxLength: 2 }),
    refuseSeconds: fc.integer({ min: -1, max: 5 }),
  }),
  record<CallJson & { kind: "revive" }>({ kind: kind("revive"), roles: fc.constantFrom([], ["*"]) }),
  record<CallJson & { kind: "suppress" }>({ kind: kind("suppress"), roles: fc.constantFrom([], ["*"]) }),
  record<CallJson & { kind: "kill" }>({ kind: kind("kill"), taskId }, maybe("agentId", agentId), maybe("graceMs", small)),
  record<CallJson & { kind: "acknowledge" }>({ kind: kind("acknowledge"), agentId, taskId, uuid }),
  record<CallJson & { kind: "reconcile" }>({
    kind: kind("reconcile"),
    tasks: fc.array(record<{ taskId: string }>({ taskId }, maybe("agentId", agentId)), { maxLength: 2 }),
  }),
);

const unavailability = record<UnavailabilityJson>(
  { startAtMs: fc.integer({ min: -5, max: 5 }).map((seconds) => seconds * 1_000) },
  maybe("durationMs", small),
);
const machine: fc.Arbitrary<MachineJson> = fc.constantFrom(
  { hostname: "agent-1" },
  { hostname: "agent-2", ip: "10.0.0.2" },
  { ip: "10.0.0.1" },
);
const machines = fc.array(machine, { maxLength: 2 });
const windows = fc.array(record<WindowJson>({ machines, unavailability }), { maxLength: 2 });

const amounts = fc.dictionary(fc.constantFrom("cpus", "mem"), small);
const quotas = fc.array(record<QuotaJson>({ role: fc.constantFrom("*", "web"), guarantees: amounts, limits: amounts }), { maxLength: 2 });
const weights = fc.array(record<WeightJson>({ role: fc.constantFrom("*", "web"), weight: small }), { maxLength: 2 });

const claim: fc.Arbitrary<ClaimJson> = fc.oneof(
  fc.constant<ClaimJson>({ kind: "leaving" }),
  fc.constant<ClaimJson>({ kind: "reregister", hostname: "agent-1", credential: "c" }),
  record<ClaimJson & { kind: "unregister" }>({ kind: kind("unregister") }, maybe("credential", fc.constant("c"))),
  record<ClaimJson & { kind: "update" }>({ kind: kind("update"), frameworkId, taskId, uuid }),
);

const order: fc.Arbitrary<OrderJson> = fc.oneof(
  record<OrderJson & { kind: "updateQuota" }>({ kind: kind("updateQuota"), quotas, force: flag }),
  record<OrderJson & { kind: "setQuota" }>({ kind: kind("setQuota"), role: fc.constantFrom("*", "web"), amounts, force: flag }),
  record<OrderJson & { kind: "updateWeights" }>({ kind: kind("updateWeights"), weights }),
  fc.constantFrom<OrderJson>({ kind: "removeQuota", role: "*" }, { kind: "getQuota" }, { kind: "getWeights" }),
  record<OrderJson & { kind: "updateSchedule" }>({ kind: kind("updateSchedule"), windows }),
  record<OrderJson & { kind: "startMaintenance" }>({ kind: kind("startMaintenance"), machines }),
  record<OrderJson & { kind: "stopMaintenance" }>({ kind: kind("stopMaintenance"), machines }),
  fc.constantFrom<OrderJson>({ kind: "getMaintenanceSchedule" }, { kind: "getMaintenanceStatus" }, { kind: "getMaintenanceProgress" }),
  record<OrderJson & { kind: "drainAgent" }>({ kind: kind("drainAgent"), agentId, markGone: flag }, maybe("maxGraceMs", small)),
  record<OrderJson & { kind: "deactivateAgent" }>({ kind: kind("deactivateAgent"), agentId }),
  record<OrderJson & { kind: "reactivateAgent" }>({ kind: kind("reactivateAgent"), agentId }),
  record<OrderJson & { kind: "markAgentGone" }>({ kind: kind("markAgentGone"), agentId }),
  record<OrderJson & { kind: "teardown" }>({ kind: kind("teardown"), frameworkId }),
  record<OrderJson & { kind: "killTask" }>({ kind: kind("killTask"), frameworkId, taskId }, maybe("graceMs", small)),
  record<OrderJson & { kind: "changeResources" }>({
    kind: kind("changeResources"),
    agentId,
    operation: record<OperationJson>({ kind: fc.constantFrom("reserve", "create", "destroy"), resources }),
  }),
);

const status = record<{ taskId: string; state: string }>(
  { taskId, state },
  maybe("agentId", agentId),
  maybe("uuid", uuid),
  maybe("source", fc.constantFrom("SOURCE_MASTER", "SOURCE_AGENT", "SOURCE_EXECUTOR")),
  maybe("reason", fc.constantFrom("REASON_AGENT_REMOVED", "REASON_RECONCILIATION", "REASON_INVALID_OFFERS")),
  maybe("message", text),
);
const offer = record({ offerId, agentId, role: fc.constant("*"), resources }, maybe("unavailability", unavailability));
const inverseOffer = record({ inverseOfferId: fc.constantFrom("i1", "i2"), agentId, unavailability });
const schedulerEvent: fc.Arbitrary<SchedulerEventJson> = fc.oneof(
  record<SchedulerEventJson & { kind: "subscribed" }>({
    kind: kind("subscribed"),
    frameworkId,
    heartbeatIntervalMs: fc.constantFrom(100, 10_000),
    masterId: fc.constantFrom("M1", "M2"),
  }),
  record<SchedulerEventJson & { kind: "heartbeat" }>({ kind: kind("heartbeat") }),
  record<SchedulerEventJson & { kind: "offers" }>({ kind: kind("offers"), offers: fc.array(offer, { maxLength: 2 }) }),
  record<SchedulerEventJson & { kind: "rescind" }>({ kind: kind("rescind"), offerId }),
  record<SchedulerEventJson & { kind: "inverseOffers" }>({
    kind: kind("inverseOffers"),
    inverseOffers: fc.array(inverseOffer, { maxLength: 2 }),
  }),
  record<SchedulerEventJson & { kind: "rescindInverseOffer" }>({
    kind: kind("rescindInverseOffer"),
    inverseOfferId: fc.constantFrom("i1", "i2"),
  }),
  record<SchedulerEventJson & { kind: "update" }>({ kind: kind("update"), status }),
  record<SchedulerEventJson & { kind: "failure" }>({ kind: kind("failure") }, maybe("agentId", agentId)),
  record<SchedulerEventJson & { kind: "error" }>({ kind: kind("error"), message: text }),
);

const agent = record<AgentSnapshot>(
  { agentId, hostname: node, active: flag, total: resources, allocated: resources, offered: resources },
  maybe("deactivated", flag),
  maybe("drain", fc.record({ phase: fc.constantFrom("draining", "drained"), markGone: flag })),
);

const snapshot = fc.record({
  masterId: fc.constantFrom("M1", "M2"),
  term: small,
  registryVersion: small,
  agents: fc.array(agent, { maxLength: 2 }),
  recoveredAgentIds: fc.array(agentId, { maxLength: 1 }),
  offers: fc.array(fc.record({ offerId, frameworkId, agentId, resources }), { maxLength: 2 }),
  tasks: fc.array(fc.record({ taskId, frameworkId, agentId, state, resources }), { maxLength: 2 }),
  unreachableTasks: fc.array(fc.record({ taskId, frameworkId, agentId, state }), { maxLength: 1 }),
  frameworks: fc.array(fc.record({ frameworkId, active: flag, connected: flag, roles: fc.constantFrom(["*"], ["a"]) }), { maxLength: 2 }),
});

const answer: fc.Arbitrary<AnswerJson> = fc.oneof(
  fc.record({ kind: fc.constant("quotas" as const), quotas }),
  fc.record({ kind: fc.constant("weights" as const), weights }),
  record<AnswerJson & { kind: "schedule" }>({ kind: kind("schedule"), windows }),
  record<AnswerJson & { kind: "status" }>({
    kind: kind("status"),
    draining: fc.array(fc.record({ machine, answers: fc.array(fc.record({ frameworkId, accepts: flag }), { maxLength: 1 }) }), {
      maxLength: 1,
    }),
    down: machines,
  }),
  record<AnswerJson & { kind: "progress" }>({
    kind: kind("progress"),
    machines: fc.array(
      fc.record({
        machine,
        isDown: flag,
        unavailability,
        phase: fc.constantFrom("asking", "begun", "emptying", "empty", "down", "over"),
        agents: fc.array(
          fc.record({ agentId, frameworks: fc.array(fc.record({ frameworkId, taskCount: small, isAsked: flag }), { maxLength: 1 }) }),
          { maxLength: 1 },
        ),
      }),
      { maxLength: 2 },
    ),
  }),
);

type Body<Kind extends HistoryBody["kind"]> = HistoryBody & { kind: Kind };

const readAgent = fc.record({ agentId, active: flag, deactivated: flag });
const readTask = fc.record({ frameworkId, taskId, state });
const readFramework = fc.record({ frameworkId, connected: flag });
const readerEvent: fc.Arbitrary<ReaderEventJson> = fc.oneof(
  record<ReaderEventJson & { kind: "subscribed" }>({
    kind: kind("subscribed"),
    agents: fc.array(readAgent, { maxLength: 2 }),
    awaitedAgentIds: fc.array(agentId, { maxLength: 1 }),
    tasks: fc.array(readTask, { maxLength: 2 }),
    frameworks: fc.array(readFramework, { maxLength: 2 }),
  }),
  fc.record({ kind: fc.constantFrom("taskAdded", "taskUpdated"), task: readTask }),
  fc.record({ kind: kind("agentAdded"), agent: readAgent }),
  fc.record({ kind: kind("agentRemoved"), agentId }),
  fc.record({ kind: fc.constantFrom("frameworkAdded", "frameworkUpdated"), framework: readFramework }),
  fc.record({ kind: kind("frameworkRemoved"), frameworkId }),
);

const faultName = fc.constantFrom("drain-now", "kill-agent", "pause-master", "cut-agent");

const body: fc.Arbitrary<HistoryBody> = fc.oneof(
  {
    weight: 4,
    arbitrary: record<Body<"invoke">>({ kind: kind("invoke"), call: small, framework, body: call }, maybe("streamId", streamId)),
  },
  { weight: 2, arbitrary: record<Body<"order">>({ kind: kind("order"), call: small, body: order }) },
  record<Body<"ok">>({ kind: kind("ok"), call: small }, maybe("answer", answer)),
  record<Body<"fail">>({ kind: kind("fail"), call: small, code: fc.constant("NOT_FOUND"), message: text }),
  record<Body<"info">>({ kind: kind("info"), call: small, reason: text }),
  { weight: 6, arbitrary: record<Body<"event">>({ kind: kind("event"), framework, streamId, event: schedulerEvent }) },
  record<Body<"streamClosed">>({ kind: kind("streamClosed"), framework, streamId, reason: text }),
  record<Body<"readerEvent">>({ kind: kind("readerEvent"), stream: small, event: readerEvent }),
  record<Body<"readerClosed">>({ kind: kind("readerClosed"), stream: small, reason: text }),
  record<Body<"ledger">>(
    { kind: kind("ledger"), line: fc.constantFrom("start", "beat", "end"), node, frameworkId, taskId, process },
    maybe("exitCode", small),
  ),
  record<Body<"look">>({
    kind: kind("look"),
    node,
    frameworkId,
    taskId,
    process,
    purpose: fc.constantFrom("check", "health"),
    outcome: fc.constantFrom("pass", "fail", "hang", "error"),
  }),
  record<Body<"faultBegin">>({ kind: kind("faultBegin"), fault: small, name: faultName, target: node }),
  record<Body<"faultProbe">>({ kind: kind("faultProbe"), fault: small, result: fc.constantFrom("bit", "healed"), evidence: text }),
  record<Body<"faultEnd">>({ kind: kind("faultEnd"), fault: small }),
  record<Body<"nodeStarted">>(
    { kind: kind("nodeStarted"), node, incarnation: small },
    maybe("ip", fc.constantFrom("10.0.0.1", "10.0.0.2")),
  ),
  record<Body<"nodeExited">>({ kind: kind("nodeExited"), node, incarnation: small, expected: flag }, maybe("code", small)),
  record<Body<"imposture">>({ kind: kind("imposture"), imposture: small, agentId, claims: fc.array(claim, { maxLength: 2 }) }),
  record<Body<"impostureAnswer">>(
    { kind: kind("impostureAnswer"), imposture: small, answer: fc.constantFrom("opened", "closed", "unregistered", "other") },
    maybe("detail", text),
  ),
  { weight: 2, arbitrary: record<Body<"agentRegistered">>({ kind: kind("agentRegistered"), node, agentId, incarnation: small }) },
  record<Body<"snapshot">>({ kind: kind("snapshot"), snapshot }),
  record<Body<"processes">>({
    kind: kind("processes"),
    node,
    live: fc.array(fc.record({ frameworkId, taskId, process }), { maxLength: 2 }),
  }),
  record<Body<"fatal">>({ kind: kind("fatal"), node, message: text }),
  record<Body<"marker">>({ kind: kind("marker"), node, mutant: fc.constant("M01") }),
  record<Body<"stall">>({ kind: kind("stall"), who: fc.constantFrom("harness", "agent-1"), fromMs: small, toMs: small, waitedMs: small }),
  record<Body<"phase">>({ kind: kind("phase"), phase: fc.constantFrom("safety", "heal", "liveness", "end") }),
  record<Body<"converged">>({ kind: kind("converged"), pending: fc.constantFrom([], ["offers"]), afterMs: small }),
);

/** A run event, then up to 80 others with waits between them. */
export const historyArbitrary: fc.Arbitrary<readonly HistoryEvent[]> = fc
  .array(fc.tuple(body, fc.constantFrom(0, 10, 1_500, 8_000)), { maxLength: 80 })
  .map((steps) => {
    let atMs = 0;
    const events: HistoryEvent[] = [{ seq: 0, atMs, kind: "run", seed: 1, tier: "sim", suite: "random", timings: testTimings }];
    for (const [one, waitMs] of steps) {
      atMs += waitMs;
      events.push({ seq: events.length, atMs, ...one });
    }
    return events;
  });

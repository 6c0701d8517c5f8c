/** The form of history events as data, so that what is read from a file can be checked. It says the same as `event.ts`. */

import type { ClaimJson } from "./claim-json.ts";
import type {
  AnswerJson,
  CallJson,
  ClusterTimings,
  HistoryBody,
  LeaderSnapshot,
  OrderJson,
  SchedulerEventJson,
  WatchJson,
} from "./event.ts";
import type { ReaderEventJson } from "./reader-json.ts";

/** Undefined when the value fits, else the broken rule with the field's path. */
type Rule = (value: unknown, path: string) => string | undefined;

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const string: Rule = (value, path) => (typeof value === "string" ? undefined : `${path} must be a string`);
const number: Rule = (value, path) => (typeof value === "number" && Number.isFinite(value) ? undefined : `${path} must be a number`);
const boolean: Rule = (value, path) => (typeof value === "boolean" ? undefined : `${path} must be true or false`);

function optional(rule: Rule): Rule {
  return (value, path) => (value === undefined ? undefined : rule(value, path));
}

function list(rule: Rule): Rule {
  return (value, path) => {
    if (!Array.isArray(value)) return `${path} must be a list`;
    for (const [index, item] of value.entries()) {
      const problem = rule(item, `${path}[${index}]`);
      if (problem !== undefined) return problem;
    }
    return undefined;
  };
}

function fields(rules: Readonly<Record<string, Rule>>): Rule {
  const entries = Object.entries(rules);
  return (value, path) => {
    if (!isObject(value)) return `${path} must be an object`;
    for (const [name, rule] of entries) {
      const problem = rule(value[name], `${path}.${name}`);
      if (problem !== undefined) return problem;
    }
    return undefined;
  };
}

function oneOf(...values: readonly string[]): Rule {
  return (value, path) => (values.some((one) => one === value) ? undefined : `${path} must be one of ${values.join(", ")}`);
}

/** A union told apart by `kind`. */
function variants(rules: Readonly<Record<string, Rule>>): Rule {
  const byKind = new Map(Object.entries(rules));
  return (value, path) => {
    const kind = isObject(value) ? value["kind"] : undefined;
    const rule = typeof kind === "string" ? byKind.get(kind) : undefined;
    return rule === undefined ? `${path}.kind must be one of ${[...byKind.keys()].join(", ")}` : rule(value, path);
  };
}

const range: Rule = (value, path) =>
  Array.isArray(value) && value.length === 2 && value.every((end) => Number.isFinite(end)) ? undefined : `${path} must be two numbers`;

const resource = fields({
  name: string,
  milli: optional(number),
  ranges: optional(list(range)),
  items: optional(list(string)),
  role: optional(string),
  reservations: optional(list(fields({ role: string, dynamic: boolean }))),
  source: optional(string),
  volume: optional(string),
  shared: optional(boolean),
});

const operation = fields({
  kind: oneOf("reserve", "unreserve", "create", "destroy", "growVolume", "shrinkVolume"),
  id: optional(string),
  resources: list(resource),
  addition: optional(resource),
  subtractMilli: optional(number),
});

const watch = fields({
  kind: oneOf("command", "http", "tcp"),
  delayMs: number,
  intervalMs: number,
  timeoutMs: number,
  purposes: list(oneOf("check", "health")),
  gracePeriodMs: number,
  failuresMax: number,
  maxCompletionMs: optional(number),
} satisfies Record<keyof WatchJson, Rule>);

const launchedTask = fields({
  taskId: string,
  agentId: string,
  resources: list(resource),
  command: string,
  executorId: optional(string),
  watch: optional(watch),
});

const call = variants({
  subscribe: fields({
    frameworkId: optional(string),
    failoverTimeoutMs: number,
    partitionAware: boolean,
    checkpoint: optional(boolean),
    roles: list(string),
  }),
  teardown: fields({}),
  updateFramework: fields({
    failoverTimeoutMs: number,
    partitionAware: boolean,
    checkpoint: optional(boolean),
    roles: list(string),
    suppressedRoles: list(string),
    forbidden: optional(oneOf("user", "principal", "checkpoint")),
  }),
  request: fields({ resources: list(resource) }),
  answerInverseOffers: fields({ accepts: boolean, inverseOfferIds: list(string), refuseSeconds: optional(number) }),
  accept: fields({
    offerIds: list(string),
    operations: optional(list(operation)),
    group: optional(fields({ executorId: string, resources: list(resource), isDefault: boolean })),
    tasks: list(launchedTask),
    refuseSeconds: number,
  }),
  decline: fields({ offerIds: list(string), refuseSeconds: number }),
  revive: fields({ roles: list(string) }),
  suppress: fields({ roles: list(string) }),
  kill: fields({ taskId: string, agentId: optional(string), graceMs: optional(number) }),
  shutdown: fields({ executorId: string, agentId: string }),
  message: fields({ executorId: string, agentId: string, data: string }),
  acknowledge: fields({ agentId: string, taskId: string, uuid: string }),
  reconcile: fields({ tasks: list(fields({ taskId: string, agentId: optional(string) })) }),
  acknowledgeOperation: fields({ agentId: string, operationId: string, uuid: string }),
  reconcileOperations: fields({ operations: list(fields({ operationId: string, agentId: optional(string) })) }),
} satisfies Record<CallJson["kind"], Rule>);

const unavailability = fields({ startAtMs: number, durationMs: optional(number) });
const machine = fields({ hostname: optional(string), ip: optional(string) });
const windows = list(fields({ machines: list(machine), unavailability }));

const amounts: Rule = (value, path) => {
  if (!isObject(value)) return `${path} must be an object`;
  const wrong = Object.entries(value).find(([, milli]) => typeof milli !== "number" || !Number.isFinite(milli));
  return wrong === undefined ? undefined : `${path}.${wrong[0]} must be a number`;
};
const quotas = list(fields({ role: string, guarantees: amounts, limits: amounts }));
const weights = list(fields({ role: string, weight: number }));

const order = variants({
  drainAgent: fields({ agentId: string, maxGraceMs: optional(number), markGone: boolean }),
  deactivateAgent: fields({ agentId: string }),
  reactivateAgent: fields({ agentId: string }),
  markAgentGone: fields({ agentId: string }),
  updateSchedule: fields({ windows, expected: optional(windows) }),
  startMaintenance: fields({ machines: list(machine) }),
  stopMaintenance: fields({ machines: list(machine) }),
  getMaintenanceSchedule: fields({}),
  getMaintenanceStatus: fields({}),
  getMaintenanceProgress: fields({}),
  teardown: fields({ frameworkId: string }),
  killTask: fields({ frameworkId: string, taskId: string, graceMs: optional(number) }),
  changeResources: fields({ agentId: string, operation }),
  updateQuota: fields({ quotas, force: boolean }),
  setQuota: fields({ role: string, amounts, force: boolean }),
  removeQuota: fields({ role: string }),
  updateWeights: fields({ weights }),
  getQuota: fields({}),
  getWeights: fields({}),
} satisfies Record<OrderJson["kind"], Rule>);

const progressOfAgent = fields({
  agentId: string,
  frameworks: list(fields({ frameworkId: string, taskCount: number, isAsked: boolean })),
});

const answer = variants({
  schedule: fields({ windows }),
  status: fields({
    draining: list(fields({ machine, answers: list(fields({ frameworkId: string, accepts: boolean })) })),
    down: list(machine),
  }),
  progress: fields({
    machines: list(
      fields({
        machine,
        isDown: boolean,
        unavailability,
        phase: oneOf("asking", "begun", "emptying", "empty", "down", "over"),
        agents: list(progressOfAgent),
      }),
    ),
  }),
  quotas: fields({ quotas }),
  weights: fields({ weights }),
} satisfies Record<AnswerJson["kind"], Rule>);

const status = fields({
  taskId: string,
  agentId: optional(string),
  state: string,
  source: optional(string),
  reason: optional(string),
  message: optional(string),
  uuid: optional(string),
  timestampMs: optional(number),
  unreachableAtMs: optional(number),
  healthy: optional(boolean),
});

const schedulerEvent = variants({
  subscribed: fields({ frameworkId: string, heartbeatIntervalMs: number, masterId: string }),
  heartbeat: fields({}),
  offers: fields({
    offers: list(
      fields({ offerId: string, agentId: string, role: string, resources: list(resource), unavailability: optional(unavailability) }),
    ),
  }),
  rescind: fields({ offerId: string }),
  inverseOffers: fields({ inverseOffers: list(fields({ inverseOfferId: string, agentId: string, unavailability })) }),
  rescindInverseOffer: fields({ inverseOfferId: string }),
  update: fields({ status }),
  operationUpdate: fields({
    status: fields({
      operationId: optional(string),
      agentId: optional(string),
      state: string,
      message: optional(string),
      uuid: optional(string),
    }),
  }),
  failure: fields({ agentId: optional(string), executorId: optional(string), status: optional(number) }),
  message: fields({ agentId: string, executorId: string, data: string }),
  error: fields({ message: string }),
} satisfies Record<SchedulerEventJson["kind"], Rule>);

const readAgent = fields({ agentId: string, active: boolean, deactivated: boolean });
const readTask = fields({ frameworkId: string, taskId: string, state: string });
const readFramework = fields({ frameworkId: string, connected: boolean });

const readerEvent = variants({
  subscribed: fields({
    agents: list(readAgent),
    awaitedAgentIds: list(string),
    tasks: list(readTask),
    frameworks: list(readFramework),
  }),
  taskAdded: fields({ task: readTask }),
  taskUpdated: fields({ task: readTask }),
  agentAdded: fields({ agent: readAgent }),
  agentRemoved: fields({ agentId: string }),
  frameworkAdded: fields({ framework: readFramework }),
  frameworkUpdated: fields({ framework: readFramework }),
  frameworkRemoved: fields({ frameworkId: string }),
} satisfies Record<ReaderEventJson["kind"], Rule>);

const agent = fields({
  agentId: string,
  hostname: string,
  active: boolean,
  deactivated: optional(boolean),
  drain: optional(fields({ phase: oneOf("draining", "drained"), markGone: boolean })),
  total: list(resource),
  allocated: list(resource),
  offered: list(resource),
});
const task = { taskId: string, frameworkId: string, agentId: string, state: string };

const snapshot = fields({
  masterId: string,
  term: number,
  registryVersion: number,
  agents: list(agent),
  recoveredAgentIds: list(string),
  offers: list(fields({ offerId: string, frameworkId: string, agentId: string, resources: list(resource) })),
  tasks: list(fields({ ...task, executorId: optional(string), resources: list(resource) })),
  executors: optional(
    list(fields({ executorId: string, frameworkId: string, agentId: string, isDefault: boolean, resources: list(resource) })),
  ),
  unreachableTasks: list(fields(task)),
  frameworks: list(fields({ frameworkId: string, active: boolean, connected: boolean, roles: optional(list(string)) })),
} satisfies Record<keyof LeaderSnapshot, Rule>);

const timings = fields({
  allocationIntervalMs: number,
  heartbeatIntervalMs: number,
  pingTimeoutMs: number,
  pingTimeoutsMax: number,
  reregisterTimeoutMs: number,
  updateRetryMinMs: number,
  updateRetryMaxMs: number,
  registrationBackoffMaxMs: number,
  maintenance: optional(fields({ mode: oneOf("enforce", "operator"), revocationGraceMs: number, wallSkewMaxMs: number })),
  epsilonMs: number,
} satisfies Record<keyof ClusterTimings, Rule>);

const ofFramework = { frameworkId: string };

const claim = variants({
  unregister: fields({ credential: optional(string) }),
  reregister: fields({ hostname: string, credential: string }),
  leaving: fields({}),
  update: fields({ ...ofFramework, taskId: string, uuid: string }),
  operationUpdate: fields({ ...ofFramework, operationId: string, uuid: string }),
  exitedExecutor: fields({ ...ofFramework, executorId: string, status: number }),
  executorMessage: fields({ ...ofFramework, executorId: string, data: string }),
  pong: fields({}),
} satisfies Record<ClaimJson["kind"], Rule>);

const body = variants({
  run: fields({ seed: number, tier: string, suite: string, timings }),
  invoke: fields({ call: number, framework: string, streamId: optional(string), body: call }),
  order: fields({ call: number, body: order }),
  ok: fields({ call: number, answer: optional(answer) }),
  fail: fields({ call: number, code: string, message: string }),
  info: fields({ call: number, reason: string }),
  event: fields({ framework: string, streamId: string, event: schedulerEvent }),
  streamClosed: fields({ framework: string, streamId: string, reason: string }),
  readerEvent: fields({ stream: number, event: readerEvent }),
  readerClosed: fields({ stream: number, reason: string }),
  ledger: fields({
    line: oneOf("start", "beat", "end"),
    node: string,
    frameworkId: string,
    taskId: string,
    process: string,
    wroteAtMs: optional(number),
    exitCode: optional(number),
  }),
  look: fields({
    node: string,
    frameworkId: string,
    taskId: string,
    process: string,
    purpose: oneOf("check", "health"),
    outcome: oneOf("pass", "fail", "hang", "error"),
  }),
  faultBegin: fields({ fault: number, name: string, target: string }),
  faultProbe: fields({ fault: number, result: oneOf("bit", "healed"), evidence: string }),
  faultEnd: fields({ fault: number }),
  nodeStarted: fields({ node: string, incarnation: number, ip: optional(string) }),
  nodeExited: fields({ node: string, incarnation: number, code: optional(number), signal: optional(string), expected: boolean }),
  imposture: fields({ imposture: number, agentId: string, claims: list(claim) }),
  impostureAnswer: fields({
    imposture: number,
    answer: oneOf("opened", "closed", "refuse", "registered", "reregistered", "unregistered", "other"),
    detail: optional(string),
  }),
  agentRegistered: fields({ node: string, agentId: string, incarnation: number }),
  snapshot: fields({ snapshot }),
  processes: fields({
    node: string,
    live: list(fields({ frameworkId: string, taskId: string, process: string })),
    total: optional(list(resource)),
  }),
  fatal: fields({ node: string, message: string }),
  marker: fields({ node: string, mutant: string }),
  stall: fields({ who: string, fromMs: number, toMs: number, waitedMs: number }),
  phase: fields({ phase: oneOf("safety", "heal", "liveness", "end") }),
  converged: fields({ pending: list(string), afterMs: number }),
} satisfies Record<HistoryBody["kind"], Rule>);

const position = fields({ seq: number, atMs: number });

/** The first rule that a value breaks as a history event, with the field's path; undefined when it is one. */
export function historyEventProblem(value: unknown): string | undefined {
  return position(value, "event") ?? body(value, "event");
}

/**
 * The rules for the tasks of a LAUNCH, in their order: rows T2 to T16, and P2 of the operation around them. Each launch comes as
 * bytes, through the decoder, so that what the edge and the core check is seen in one order.
 */

import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { assertDefined } from "../../common/assert.ts";
import { AgentInfo_Capability_Type, type Resource, type TaskInfo } from "../../protos/gen/mesos/v1/mesos.ts";
import { Call, Call_Type } from "../../protos/gen/mesos/v1/scheduler/scheduler.ts";
import { decodeSchedulerCall } from "../../server/wire/decode.ts";
import { type ConnectedAgent, cpusAndMem, describeAgent, MasterDriver, type Scheduler } from "../server/core/master-driver.ts";

type CallFields = Parameters<typeof Call.fromPartial>[0];
type TaskFields = Parameters<typeof TaskInfo.fromPartial>[0];
type ResourceFields = Parameters<typeof Resource.fromPartial>[0];

const cpus = (value: number, role?: string): ResourceFields => ({
  name: "cpus",
  type: 0,
  scalar: { value },
  ...(role === undefined ? {} : { allocationInfo: { role } }),
});

interface Cluster {
  readonly driver: MasterDriver;
  readonly agent: ConnectedAgent;
  readonly scheduler: Scheduler;
}

function start({ capabilities = [] }: { capabilities?: AgentInfo_Capability_Type[] } = {}): Cluster {
  const driver = new MasterDriver().lead();
  const linkId = driver.openLink();
  driver.say(linkId, { kind: "register", agent: { ...describeAgent(cpusAndMem(4, 4_096), "host"), capabilities } });
  const agent = { linkId, agentId: assertDefined(driver.takeMessages(linkId, "registered")[0], "registered").agentId };
  return { driver, agent, scheduler: driver.subscribe() };
}

/** Launches tasks on the next offer; answers what is said of each that was not launched. */
function launch({ driver, agent, scheduler }: Cluster, tasks: readonly TaskFields[], operation: { id?: { value: string } } = {}): string[] {
  driver.advanceAlive(1_000, [agent]);
  const offerIds = [{ value: driver.takeOffer(scheduler).offerId }];
  const good: TaskFields = { name: "n", taskId: { value: "t" }, agentId: { value: agent.agentId }, command: { value: "true" } };
  const taskInfos = tasks.map((fields) => ({ resources: [cpus(1)], ...good, ...fields }));
  const fields: CallFields = {
    type: Call_Type.ACCEPT,
    frameworkId: { value: scheduler.frameworkId },
    accept: { offerIds, operations: [{ type: 1, launch: { taskInfos }, ...operation }], filters: { refuseSeconds: 0 } },
  };
  const decoded = decodeSchedulerCall(Call.encode(Call.fromPartial(fields)).finish());
  assert.ok(decoded.ok && decoded.value.kind === "call", "the call itself is well-formed");
  driver.takeMessages(agent, "runTask");
  assert.equal(driver.call(scheduler, decoded.value.call), undefined);
  const updates = driver.takeUpdates(scheduler);
  for (const { state, reason } of updates) assert.deepEqual([state, reason], ["TASK_ERROR", "REASON_TASK_INVALID"]);
  assert.equal(driver.takeMessages(agent, "runTask").length, tasks.length - updates.length);
  return updates.map(({ message = "" }) => message);
}

const variable = (fields: object): TaskFields => ({ command: { value: "true", environment: { variables: [{ name: "A", ...fields }] } } });

const broken: readonly [title: string, fields: TaskFields, message: RegExp][] = [
  [
    "T17: cgroups of its own",
    { container: { type: 2, linuxInfo: { shareCgroups: false } } },
    /share_cgroups must not be false outside a group/,
  ],
  ["T2: a task id with a slash", { taskId: { value: "a/b" } }, /task_id must not contain/],
  ["T2: the task id ..", { taskId: { value: ".." } }, /task_id must not be/],
  ["T4: the id of another agent", { agentId: { value: "other" } }, /agent_id must be/],
  ["T5: a negative grace", { killPolicy: { gracePeriod: { nanoseconds: -1n } } }, /grace_period.nanoseconds must not be negative/],
  ["T5: a negative time to complete", { maxCompletionTime: { nanoseconds: -1n } }, /max_completion_time.nanoseconds must not be/],
  ["T6: a check without a type", { check: {} }, /check.type must be COMMAND, HTTP or TCP, is not set/],
  ["T6: a health check of an unknown type", { healthCheck: { type: 0 } }, /health_check.type must be COMMAND, HTTP or TCP, is 0/],
  ["T6: a type without its message", { check: { type: 2, tcp: { port: 80 } } }, /check.http must be set for the type HTTP/],
  ["T6: a command without a value", { healthCheck: { type: 1, command: {} } }, /health_check.command.value must not be empty/],
  [
    "T6: a path without a slash",
    { check: { type: 2, http: { port: 80, path: "live" } } },
    /check.http.path must begin with "\/", is "live"/,
  ],
  [
    "T6: a scheme",
    { healthCheck: { type: 2, http: { port: 80, scheme: "ftp" } } },
    /health_check.http.scheme must be http or https, is "ftp"/,
  ],
  ["T6: a port", { check: { type: 3, tcp: { port: 65_536 } } }, /check.tcp.port must be from 1 to 65535, is 65536/],
  ["T6: a negative delay", { check: { type: 3, tcp: { port: 1 }, delaySeconds: -1 } }, /check.delay_seconds must be from 0 to/],
  ["T7: no resources", { resources: [] }, /resources must not be empty/],
  ["T7: a negative amount", { resources: [cpus(-1)] }, /resources\[0\].scalar/],
  ["T7: half a gpu", { resources: [cpus(1), { ...cpus(0.5), name: "gpus" }] }, /resources\[1\].scalar.value must be whole/],
  ["T7: resources of two roles", { resources: [cpus(0.5, "*"), cpus(0.5, "a")] }, /allocated to one role/],
  ["T7: resources of a role that was not offered", { resources: [cpus(1, "a")] }, /allocated to role "\*"/],
  ["T8: a variable without a value", variable({}), /variables\[0\].value must be set/],
  ["T9: a container of Docker", { container: { type: 1, docker: { image: "i" } } }, /container\.type must be MESOS: .*, is DOCKER/],
  ["T9: an image", { container: { type: 2, mesos: { image: { type: 2 } } } }, /container\.mesos\.image must be absent/],
  [
    "T9: a volume from nowhere",
    { container: { type: 2, volumes: [{ mode: 1, containerPath: "v" }] } },
    /volumes\[0\] must have exactly one/,
  ],
  ["T8: a value and a secret", variable({ value: "v", secret: { type: 2 } }), /variables\[0\].secret must not be set/],
  [
    "T10: a limit on an agent that keeps none",
    { limits: { cpus: { value: 1 } } },
    /limits must not be set: the agent does not isolate tasks/,
  ],
  ["T10: a limit of disk", { limits: { disk: { value: 1 } } }, /limits\["disk"\] must be of cpus or mem/],
  ["T10: a limit of what is not asked for", { limits: { mem: { value: 1 } } }, /limits\["mem"\] must have mem among/],
  [
    "T10: less than is asked for",
    { limits: { cpus: { value: 0.5 } } },
    /limits\["cpus"\] must not be less than the cpus .* 0.5 is less than 1/,
  ],
  ["T10: no number", { limits: { cpus: { value: Number.NaN } } }, /limits\["cpus"\] must be a number/],
  ["T11: neither command nor executor", { command: undefined }, /command or executor must be set/],
  ["T11: both", { executor: { executorId: { value: "e" }, command: { value: "true" } } }, /must not both be set/],
  ["T16: more than is left of the offers", { resources: [cpus(4.001)] }, /what is left of the offers: cpus: 4.001 asked, 4 left; left are/],
  ["T16: what no agent has", { resources: [{ ...cpus(1), name: "bananas" }] }, /what is left of the offers: bananas: not in the offers; /],
  [
    "T2: a task id of 10,000 characters, which it does not repeat",
    { taskId: { value: "x".repeat(10_000) } },
    /^Task x{64}\.\.\. \(10000 characters\): task_id must have at most 255 characters, has 10000$/,
  ],
];

describe("a task of a LAUNCH is TASK_ERROR with", () => {
  for (const [title, fields, message] of broken) {
    it(title, () => {
      const cluster = start();
      const messages = launch(cluster, [fields]);
      assert.equal(messages.length, 1);
      assert.match(messages[0] ?? "", message);
      assert.deepEqual(launch(cluster, [{}]), [], "nothing of it is left: the same id can be launched");
    });
  }

  it("T3: the id of a task before it in the same call, which runs", () => {
    const messages = launch(start(), [{}, {}]);
    assert.equal(messages.length, 1);
    assert.match(messages[0] ?? "", /task_id must not be in use/);
  });

  it("T10: runs with limits where the agent keeps tasks within them", () => {
    const cluster = start({ capabilities: [AgentInfo_Capability_Type.TASK_RESOURCE_LIMITS] });
    assert.deepEqual(launch(cluster, [{ limits: { cpus: { value: Number.POSITIVE_INFINITY } } }]), []);
    const { tasks } = cluster.driver.operator("getTasks").tasks;
    assert.deepEqual(tasks[0]?.limits, { cpus: { value: Number.POSITIVE_INFINITY } });
  });

  it("P2: any task in an operation with an id", () => {
    const messages = launch(start(), [{}, { taskId: { value: "u" } }], { id: { value: "op" } });
    assert.equal(messages.length, 2);
    for (const message of messages) assert.match(message, /operation id must not be set/);
  });
});

describe("a task that breaks every rule", () => {
  it("T2, T3, T4, T5, T6, T7, T8, T11, T16: is told the first, and the next when that is mended", () => {
    const cluster = start();
    assert.deepEqual(launch(cluster, [{ taskId: { value: "used" } }]), []);
    const repairs: readonly [message: RegExp, repair: TaskFields][] = [
      [/task_id must not contain/, { taskId: { value: "used" } }],
      [/task_id must not be in use/, { taskId: { value: "free" } }],
      [/agent_id must be/, { agentId: { value: cluster.agent.agentId } }],
      [/grace_period/, { killPolicy: {} }],
      [/max_completion_time/, { maxCompletionTime: undefined }],
      [/check.type/, { check: undefined }],
      [/health_check.tcp/, { healthCheck: undefined }],
      [/resources\[0\].scalar/, { resources: [cpus(100)] }],
      [/variables\[0\].value/, { command: { value: "true" } }],
      [/must not both be set/, { executor: undefined }],
      [/what is left of the offers/, { resources: [cpus(1)] }],
    ];
    let fields: TaskFields = {
      taskId: { value: "a/b" },
      agentId: { value: "other" },
      killPolicy: { gracePeriod: { nanoseconds: -1n } },
      maxCompletionTime: { nanoseconds: -1n },
      check: {},
      healthCheck: { type: 3 },
      resources: [cpus(-1)],
      ...variable({}),
      executor: { executorId: { value: "e" } },
    };
    for (const [message, repair] of repairs) {
      const messages = launch(cluster, [fields]);
      assert.equal(messages.length, 1, String(message));
      assert.match(messages[0] ?? "", message);
      fields = { ...fields, ...repair };
    }
    assert.deepEqual(launch(cluster, [fields]), []);
  });
});

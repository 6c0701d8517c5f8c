/** Whatever arrives in whatever order, the agent's state stays in order, and nothing that is not durable is said or done. */

import assert from "node:assert/strict";
import fc from "fast-check";
import type { ExecutorUpdate } from "../../../agent/core/executor-message.ts";
import type { AgentInput } from "../../../agent/core/input.ts";
import type { MasterToAgent } from "../../../agent/core/master-message.ts";
import { ContainerId, ExecutorId, FrameworkId, LinkId, StreamId, TaskId, Uuid } from "../../../common/ids.ts";
import { AgentDriver, agentId, frameworkId, frameworkInfo, leader, task } from "./agent-driver.ts";
import { executorId, executorTask } from "./executor-driver.ts";

const orders = [
  task("a"),
  task("b", { capabilities: ["TASK_KILLING_STATE"] }),
  task("c", { info: { command: undefined } }),
  executorTask("d"),
  executorTask("e"),
];

/** One thing that can happen, chosen by two numbers so that a failure shrinks well. */
type Happening = readonly [what: number, which: number];

type Play = (driver: AgentDriver, which: number) => void;

function pick<T>(list: readonly T[], which: number): T | undefined {
  return list[which % Math.max(list.length, 1)];
}

function say(message: (which: number) => MasterToAgent): Play {
  return (driver, which) => {
    const linkId = driver.of("openLink").at(-1)?.linkId;
    if (linkId !== undefined) driver.step({ kind: "masterMessage", linkId, message: message(which) });
  };
}

function happen(input: (driver: AgentDriver, which: number) => AgentInput): Play {
  return (driver, which) => void driver.step(input(driver, which));
}

function containerId(driver: AgentDriver, which: number): ContainerId {
  return pick(driver.of("launchContainer"), which)?.spec.containerId ?? ContainerId("unknown");
}

const names = ["a", "b", "c", "d", "e", "f"];
const taskId = (which: number): TaskId => TaskId(names[which % names.length] ?? "a");

const states = ["TASK_STARTING", "TASK_RUNNING", "TASK_FINISHED", "TASK_FAILED", "TASK_KILLED"] as const;

/** What an executor says, with few uuids so that some come twice. */
function someUpdate(which: number): ExecutorUpdate {
  const uuid = Uuid(String(which % 9).repeat(32));
  const state = states[which % states.length] ?? "TASK_RUNNING";
  return { taskId: taskId(which), uuid, state, reason: undefined, message: undefined, timestampMs: undefined, extra: undefined };
}

/** Brings the agent one step nearer to running. */
function approach(driver: AgentDriver): void {
  const linkId = driver.of("openLink").at(-1)?.linkId;
  switch (driver.agent.describe().connection) {
    case "disconnected":
      driver.step({ kind: "leaderDetected", leader });
      break;
    case "waiting":
      driver.tickAtDeadline();
      break;
    case "opening":
      if (linkId !== undefined) driver.step({ kind: "linkOpened", linkId });
      break;
    case "registering":
      say(() => driver.answerTo())(driver, 0);
      break;
    default:
      if (driver.isCheckpointInFlight) driver.confirm();
  }
}

const ordinary: readonly Play[] = [
  (driver) => void (driver.isCheckpointInFlight && driver.confirm()),
  approach,
  (driver) => {
    for (let count = 0; count < 6; count++) approach(driver);
  },
  happen((driver) => {
    driver.nowMs += 10_000;
    say(() => ({ kind: "ping", number: 1, connected: true }))(driver, 0);
    return { kind: "tick" };
  }),
  say((which) => ({ kind: "runTask", task: orders[which % orders.length] ?? task("a") })),
  say((which) => ({ kind: "killTask", frameworkId, taskId: taskId(which), graceMs: which % 2 === 0 ? undefined : which })),
  say(() => ({ kind: "updateFramework", frameworkId, framework: frameworkInfo(), sameScheduler: false })),
  (driver, which) => {
    const update = pick(driver.sent("statusUpdate").toReversed(), which % 3);
    const uuid = update?.status.uuid ?? Uuid("0".repeat(32));
    say(() => ({ kind: "acknowledge", frameworkId, taskId: update?.status.taskId ?? taskId(which), uuid }))(driver, which);
  },
  happen((driver, which) => ({
    kind: "executorSubscribe",
    streamId: StreamId(`stream-${driver.effects.length}`),
    subscription: { frameworkId, executorId, updates: which % 5 === 0 ? [someUpdate(which)] : [], taskIds: [taskId(which)] },
  })),
  happen((driver, which) => ({
    kind: "executorCall",
    callId: which,
    frameworkId,
    executorId,
    streamId: which % 7 === 0 ? undefined : driver.of("sendToExecutor").at(-1)?.streamId,
    call: { kind: "update", update: someUpdate(which) },
  })),
  happen((driver, which) => ({ kind: "containerStarted", containerId: containerId(driver, which) })),
  happen((driver, which) => ({
    kind: "containerExited",
    containerId: containerId(driver, which),
    exit: { kind: "exited", code: which % 2 },
  })),
];

const rare: readonly Play[] = [
  happen((driver) => {
    driver.nowMs = driver.agent.nextDeadlineMs() ?? driver.nowMs;
    return { kind: "tick" };
  }),
  happen((_, which) => ({ kind: "leaderDetected", leader: pick([leader, undefined, { ...leader, grpcPort: 1 }], which) })),
  happen((driver) => ({ kind: "linkOpened", linkId: driver.of("openLink").at(-1)?.linkId ?? LinkId("none") })),
  happen((driver) => ({ kind: "linkClosed", linkId: driver.of("openLink").at(-1)?.linkId ?? LinkId("none"), reason: "cut" })),
  say(() => ({ kind: "registered", agentId, pingTimeoutMs: 75_000 })),
  say((which) => ({
    kind: "reregistered",
    agentId,
    pingTimeoutMs: 75_000,
    reconcile: [{ frameworkId, taskId: taskId(which) }],
    reconcileOperations: [],
  })),
  say((which) => ({ kind: "ping", number: which, connected: which % 3 !== 0 })),
  say((which) => ({ kind: "shutdownFramework", frameworkId: which % 2 === 0 ? frameworkId : FrameworkId("x") })),
  say((which) => ({ kind: "shutdownExecutor", frameworkId, executorId: which % 2 === 0 ? executorId : ExecutorId("x") })),
  say(() => ({ kind: "messageToExecutor", frameworkId, executorId, data: new Uint8Array(1) })),
  happen((driver) => ({ kind: "executorStreamClosed", streamId: driver.of("sendToExecutor").at(-1)?.streamId ?? StreamId("none") })),
  happen((driver, which) => ({ kind: "containerFailed", containerId: containerId(driver, which), reason: "broken" })),
  (driver, which) => {
    const containers = driver.of("launchContainer").map(({ spec }) => spec.containerId);
    driver.restart(containers.map((id, index) => ({ containerId: id, state: (which + index) % 2 === 0 ? "running" : "vanished" })));
  },
];

const plays = [...ordinary, ...ordinary, ...ordinary, ...ordinary, ...rare];

/** Leaving ends a life, so it is tried apart. */
const endings: readonly Play[] = [
  happen(() => ({ kind: "drainNow" })),
  happen((driver, which) => ({ kind: "allContainersKilled", alive: [containerId(driver, which)] })),
  say(() => ({ kind: "refuse", reason: "no" })),
  say(() => ({ kind: "unregistered", agentId })),
  happen((driver) => ({ kind: "checkpointFailed", batch: driver.of("checkpoint").length, reason: "full" })),
];

/** Everything that was said or done must be on the disk by then. */
function checkDurability(driver: AgentDriver, from: number): void {
  for (const effect of driver.effects.slice(from)) {
    if (effect.kind === "launchContainer") {
      const { task, environment } = effect.spec;
      const executorId = environment.find(([name]) => name === "MESOS_EXECUTOR_ID")?.[1];
      const key = task === undefined ? `executor/${frameworkId}/${executorId}` : `task/${task.frameworkId}/${task.taskId}`;
      assert.ok(driver.disk.has(key), "what is launched is recorded");
    } else if (effect.kind === "sendToMaster" && effect.message.kind === "statusUpdate") {
      const { uuid } = effect.message.status;
      const updates = driver.records.flatMap((record) => (record.kind === "task" || record.kind === "answer" ? record.updates : []));
      assert.ok(
        updates.some((update) => update.uuid === uuid),
        `update ${uuid} is durable before it is sent`,
      );
    }
  }
}

function live(happenings: readonly Happening[], choices: readonly Play[]): void {
  const driver = AgentDriver.running();
  for (const [what, which] of happenings) {
    const before = driver.effects.length;
    const effects = driver.effects;
    choices[what % choices.length]?.(driver, which);
    checkDurability(driver, driver.effects === effects ? before : 0);
  }
}

const happenings = fc.array(fc.tuple(fc.nat(99), fc.nat(11)), { maxLength: 120, size: "max" });

describe("an agent under any input", () => {
  it("keeps its invariants and says nothing that is not durable", () => {
    fc.assert(
      fc.property(happenings, (all) => live(all, plays)),
      { numRuns: 400 },
    );
  });

  it("does so while it leaves, too", () => {
    fc.assert(
      fc.property(happenings, (all) => live(all, [...plays, ...endings])),
      { numRuns: 200 },
    );
  });
});

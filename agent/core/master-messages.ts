/** Takes what the master says, as far as the agent's situation allows it. */

import { assertNever } from "../../common/assert.ts";
import { taskKey } from "./checkpoint.ts";
import { defaultKillGraceMs } from "./config.ts";
import { lookForLeader, pinged } from "./connection.ts";
import { drain, endDrain } from "./draining.ts";
import { messageToExecutor, shutDownNamed } from "./executors.ts";
import { shutdownFramework, updateFramework } from "./frameworks.ts";
import { orderKill } from "./kills.ts";
import { agentLimits } from "./limits.ts";
import type { MasterToAgent } from "./master-message.ts";
import { acknowledgeOperation } from "./operation-updates.ts";
import { applyOperation } from "./operations.ts";
import { refused, registered, reregistered } from "./registration.ts";
import { acknowledge } from "./status-updates.ts";
import { runTaskGroup } from "./task-groups.ts";
import { answer, runTask } from "./tasks.ts";
import { unregistered } from "./termination.ts";
import { log, type Turn } from "./turn.ts";

/** One message of the link that is current. */
export function handleMasterMessage(turn: Turn, message: MasterToAgent): void {
  switch (message.kind) {
    case "ping":
      pinged(turn, message.number, message.connected);
      return;
    case "registered":
      registered(turn, message);
      return;
    case "reregistered":
      reregistered(turn, message);
      return;
    case "refuse":
      refused(turn, message.reason);
      return;
    case "unregistered":
      unregistered(turn, message.agentId);
      return;
    default:
      handleOrder(turn, message);
  }
}

type Order = Exclude<MasterToAgent, { readonly kind: "ping" | "registered" | "reregistered" | "refuse" | "unregistered" }>;

/**
 * Orders count only while the agent runs; while a new id is written they wait for it, and otherwise the next registration settles them.
 * But what was given up in the agent's absence it may be told to end before it is let back in.
 */
function handleOrder(turn: Turn, order: Order): void {
  const { connection } = turn.state;
  const isEnd = order.kind === "killTask" || order.kind === "shutdownExecutor";
  if (connection.kind === "running" || (connection.kind === "registering" && isEnd)) {
    carryOut(turn, order);
    return;
  }
  if (connection.kind !== "accepting") {
    log(turn, "info", "ignored an order while not registered", { order: order.kind, connection: connection.kind });
    return;
  }
  if (connection.deferred.length < agentLimits.deferredMessagesMax) {
    connection.deferred.push(order);
    return;
  }
  log(turn, "warn", "the master sends more than can wait for the agent's id; starting over", { waiting: connection.deferred.length });
  lookForLeader(turn);
}

function carryOut(turn: Turn, order: Order): void {
  switch (order.kind) {
    case "runTask":
      runTask(turn, order.task);
      return;
    case "runTaskGroup":
      runTaskGroup(turn, order.group);
      return;
    case "killTask":
      killTask(turn, order);
      return;
    case "acknowledge":
      acknowledge(turn, order);
      return;
    case "applyOperation":
      applyOperation(turn, order);
      return;
    case "acknowledgeOperation":
      acknowledgeOperation(turn, order);
      return;
    case "drain":
      drain(turn, { maxGraceMs: order.maxGraceMs, markGone: order.markGone });
      return;
    case "endDrain":
      endDrain(turn);
      return;
    case "shutdownFramework":
      shutdownFramework(turn, order.frameworkId);
      return;
    case "shutdownExecutor":
      shutDownNamed(turn, order);
      return;
    case "messageToExecutor":
      messageToExecutor(turn, order, order.data);
      return;
    case "updateFramework":
      updateFramework(turn, order.frameworkId, order);
      return;
    default:
      assertNever(order);
  }
}

/** The grace is the order's, else the task's. A task that the agent does not have is answered for. */
function killTask(turn: Turn, order: Extract<Order, { readonly kind: "killTask" }>): void {
  const task = turn.state.tasks.get(taskKey(order.frameworkId, order.taskId));
  if (task === undefined) answer(turn, order, "REASON_EXECUTOR_TERMINATED", "the agent was asked to kill a task that it does not have");
  else orderKill(turn, task, order.graceMs ?? task.toRun?.killGraceMs ?? defaultKillGraceMs);
}

/** Planted bugs around status updates, acknowledgements, kills and reconciliation. */

import { acts } from "./acts.ts";
import type { Mutant } from "./mutant.ts";

const masterUpdates = "server/core/status-updates.ts";
const acknowledgement = "{ kind: 'acknowledge', frameworkId: update.frameworkId, taskId: update.taskId, uuid: update.uuid }";
const acknowledgeToAgent = `turn.emit({ kind: "sendToAgent", linkId: link.linkId, message: ${acknowledgement} });`;

export const updateMutants: readonly Mutant[] = [
  {
    id: "M19",
    title: "the supervisor may forget a task's end before the agent has it on disk",
    breaks: ["S13", "S20"],
    file: "agent/core/tasks.ts",
    search: "  endTask(turn, task, toEnd(task, end));",
    replace: `  ${acts("M19")};
  turn.emit({ kind: "removeContainer", containerId });
  endTask(turn, task, toEnd(task, end));`,
  },
  {
    id: "M20",
    title: "the agent sends the next update before the last one is acknowledged",
    breaks: ["S12"],
    file: "agent/core/status-updates.ts",
    search:
      '  sendToMaster(turn, { kind: "statusUpdate", frameworkId: task.frameworkId, status: head.status, latestState: task.durableState });',
    replace: `  for (const update of task.updates) {
    if (!update.isDurable) break;
    if (update !== head) ${acts("M20")};
    sendToMaster(turn, { kind: "statusUpdate", frameworkId: task.frameworkId, status: update.status, latestState: task.durableState });
  }`,
  },
  {
    id: "M21",
    title: "the master acknowledges updates in the place of a framework that is away",
    breaks: ["S14", "L04"],
    file: masterUpdates,
    search: "  if (!isForwarded) return;",
    replace: `  if (!isForwarded) {
    ${acts("M21")};
    ${acknowledgeToAgent}
    return;
  }`,
  },
  {
    id: "M22",
    title: "an acknowledgement with an old uuid takes away the newest pending update",
    breaks: ["S12", "L04"],
    file: "agent/core/status-updates.ts",
    search: "!isForwarded(task, head) || head.uuid !== uuid)",
    replace: `!isForwarded(task, head) || (head.uuid !== uuid && ${acts("M22")}))`,
  },
  {
    id: "M23",
    title: "the retries of updates are not armed again after a failover of the master",
    breaks: ["L04"],
    file: "agent/core/registration.ts",
    search: "  resendHeads(turn, turn.state.tasks.values());",
    replace: `  for (const task of turn.state.tasks.values()) if (task.updates.length > 0) ${acts("M23")};`,
  },
  {
    id: "M26",
    title: "the end of a task is lost while its framework is disconnected",
    breaks: ["S13"],
    file: masterUpdates,
    search: "  if (!isForwarded) return;",
    replace: `  if (!isForwarded && !task.holdsResources) {
    ${acts("M26")};
    ${acknowledgeToAgent}
  }
  if (!isForwarded) return;`,
  },
  {
    id: "M28",
    title: "a task that ended is forgotten at once, before its end is acknowledged",
    breaks: ["S24"],
    file: masterUpdates,
    search: "  moveTask(state, task, update.latestState);",
    replace: `  moveTask(state, task, update.latestState);
  if (!task.holdsResources) {
    ${acts("M28")};
    framework.tasks.delete(task.taskId);
    agent.tasks.delete(task);
    return;
  }`,
  },
  {
    id: "M30",
    title: "a task that is killed before its launch is reported as killed and started nevertheless",
    breaks: ["S19"],
    file: "agent/core/tasks.ts",
    search: `  if (task.container !== "recording" || task.containerId === undefined || task.toRun?.command === undefined) return;
  task.container = "launching";`,
    replace: `  if (task.containerId === undefined || task.toRun?.command === undefined) return;
  if (task.container === "recording") task.container = "launching";
  else ${acts("M30")};`,
  },
  {
    id: "M31",
    title: "nothing is said of a task that is killed before its launch",
    breaks: ["L05"],
    file: "agent/core/kills.ts",
    search: `    endTask(turn, task, {
      state: "TASK_KILLED",
      source: "SOURCE_AGENT",
      reason: "REASON_TASK_KILLED_DURING_LAUNCH",
      message: \`killed before it was launched\${becauseOfGroup(task)}\`,
    });`,
    replace: `    ${acts("M31")};\n    task.container = "ended";`,
  },
  {
    id: "M33",
    title: "a task that ended while its agent was away is never reported as ended",
    breaks: ["L03", "S45"],
    file: "agent/core/recovery.ts",
    search: '  else if (container.state === "ended") containerExited(turn, container);',
    replace: `  else if (container.state === "ended") ${acts("M33")};`,
  },
  {
    id: "M91",
    title: "a late update that a task runs brings it back to life in the master's books",
    breaks: ["S45", "S01"],
    file: masterUpdates,
    search: "  moveTask(state, task, update.latestState);",
    replace: `  moveTask(state, task, update.latestState);
  if (!task.holdsResources && update.state === "TASK_RUNNING") {
    ${acts("M91")};
    task.state = update.state;
  }`,
  },
  {
    id: "M107",
    title: "a retry of an update carries the time of the retry",
    breaks: ["S15"],
    file: "agent/core/status-updates.ts",
    search:
      '  sendToMaster(turn, { kind: "statusUpdate", frameworkId: task.frameworkId, status: head.status, latestState: task.durableState });',
    replace: `  const status = { ...head.status, timestampMs: turn.wallMs };
  if (status.timestampMs !== head.status.timestampMs) ${acts("M107")};
  sendToMaster(turn, { kind: "statusUpdate", frameworkId: task.frameworkId, status, latestState: task.durableState });`,
  },
  {
    id: "M69",
    title: "a new leader answers for tasks on agents that have not come back yet",
    breaks: ["S24"],
    file: "server/core/calls/reconcile.ts",
    search: "  return agentId === undefined ? state.recoveredAgents.size > 0 : state.recoveredAgents.has(agentId);",
    replace: `  if (agentId === undefined ? state.recoveredAgents.size > 0 : state.recoveredAgents.has(agentId)) ${acts("M69")};
  return false;`,
  },
];

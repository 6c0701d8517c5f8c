/** Planted bugs around agents that leave, come back or start again. */

import { acts } from "./acts.ts";
import type { Mutant } from "./mutant.ts";

const departure = "server/core/agents/departure.ts";

export const departureMutants: readonly Mutant[] = [
  {
    id: "M01",
    title: "the master drops the agent's UNREGISTER",
    breaks: ["S22"],
    file: "server/core/agents/agent-messages.ts",
    search: "      receiveUnregister(turn, link, message);",
    replace: `      ${acts("M01")};`,
  },
  {
    id: "M02",
    title: "unregistering removes the agent from memory, not from the registry",
    breaks: ["S43", "S21"],
    file: "server/core/registry-op.ts",
    search: 'return [putAgent(op.agentId, op.agent, { kind: "removed", atWallMs: op.atWallMs }), dropDeactivation(op.agentId)];',
    replace: `${acts("M02")};\n      return [putAgent(op.agentId, op.agent, { kind: "admitted" }), dropDeactivation(op.agentId)];`,
  },
  {
    id: "M04",
    title: "TASK_LOST is sent for the first task of the agent only",
    breaks: ["S22"],
    file: departure,
    search: `  leaveCluster(turn, agentId, (framework, task) => {
    taskLost(turn, { framework, task, isAlive: alive.has(keyText(task)) });
  });`,
    replace: `  let toldCount = 0;
  leaveCluster(turn, agentId, (framework, task) => {
    toldCount += 1;
    if (toldCount === 1) {
      taskLost(turn, { framework, task, isAlive: alive.has(keyText(task)) });
      return;
    }
    ${acts("M04")};
    moveTask(state, task, "TASK_LOST");
    completeTask(state, framework, task);
  });`,
  },
  {
    id: "M05",
    title: "offers of an agent that unregistered are not rescinded",
    breaks: ["S07", "S22"],
    file: "server/core/agents/leave.ts",
    search: `  rescindAgentOffers(turn, agent);
  dropAgent(state, agent);
}`,
    replace: `  rescindAgentOffers({ ...turn, emit: () => ${acts("M05")} }, agent);
  dropAgent(state, agent);
}`,
  },
  {
    id: "M06",
    title: "the update of a task lost by unregistering carries a wrong reason",
    breaks: ["S14", "S22"],
    file: departure,
    search: 'state: "TASK_LOST", reason: "REASON_AGENT_REMOVED", message });',
    replace: `state: "TASK_LOST", reason: "REASON_AGENT_DISCONNECTED", message });\n  ${acts("M06")};`,
  },
  {
    id: "M07",
    title: "reconciliation after the removal of an agent answers RUNNING from a stale copy",
    breaks: ["S24"],
    file: "server/core/calls/reconcile.ts",
    search: '  if (state.agents.has(agentId)) return { state: "TASK_GONE" };',
    replace: `  if (state.removedAgents.has(agentId)) {
    ${acts("M07")};
    return { state: "TASK_RUNNING" };
  }
  if (state.agents.has(agentId)) return { state: "TASK_GONE" };`,
  },
  {
    id: "M08",
    title: "the agent exits on SIGUSR1 and leaves its tasks' processes alive",
    breaks: ["S22", "S50"],
    file: "agent/core/termination.ts",
    search: '  turn.emit({ kind: "killAllContainers", timeoutMs: state.config.drainNowTimeoutMs });',
    replace: `  if (state.containers.size > 0) ${acts("M08")};\n  allContainersKilled(turn, []);`,
  },
  {
    id: "M09",
    title: "an agent started again after SIGUSR1 uses its old id",
    breaks: ["S21", "S22"],
    file: "agent/core/termination.ts",
    search: '  state.agentId = undefined;\n  record(turn, agentKey, { kind: "retired" });',
    replace: `  ${acts("M09")};\n  record(turn, agentKey, { kind: "retired" });`,
  },
  {
    id: "M13",
    title: "nobody says that a task is back when its agent was only cut off",
    breaks: ["L09"],
    file: "server/core/agents/returned-tasks.ts",
    search: `  sendUpdate(turn, framework, {
    taskId: task.taskId,
    agentId: task.agentId,
    state: task.state,
    reason: "REASON_AGENT_REREGISTERED",
    message: \`Agent \${task.agentId} registered again\`,
    checked: task.checked,
  });`,
    replace: `  ${acts("M13")};`,
  },
  {
    id: "M106",
    title: "one ping that is not answered makes an agent unreachable",
    breaks: ["S26"],
    file: "server/core/agents/missing.ts",
    search: "  if (isOverdue || agent.missedPingCount >= turn.config.agentPingTimeoutsMax)",
    replace: `  if (agent.missedPingCount === 1) ${acts("M106")};\n  if (isOverdue || agent.missedPingCount >= 1)`,
  },
  {
    id: "M14",
    title: "a task of a framework without partition awareness lives on after its TASK_LOST when the agent comes back",
    breaks: ["S18"],
    file: "server/core/agents/given-up-tasks.ts",
    search: "  if (isUnreachable && !partitionAware) return true;",
    replace: `  if (isUnreachable && !partitionAware) ${acts("M14")};`,
  },
  {
    id: "M18",
    title: "a new leader forgets the tasks of all frameworks but the first when an agent registers again",
    breaks: ["S45", "L08"],
    file: "server/core/agents/returned-tasks.ts",
    search: "  for (const report of returning.tasks) {\n",
    replace: `  for (const report of returning.tasks) {
    const isFirst = report.frameworkId === returning.tasks[0]?.frameworkId;
    if (!isFirst && state.frameworks.get(report.frameworkId)?.tasks.get(report.taskId) === undefined) {
      ${acts("M18")};
      continue;
    }
`,
  },
  {
    id: "M96",
    title: "an agent started again on its checkpoint registers as a new agent",
    breaks: ["L13"],
    file: "agent/core/recovery.ts",
    search: `  if (change === "none") restore(turn, records);
  else dropAll(turn, records);`,
    replace: `  if (change === "none") ${acts("M96")};\n  dropAll(turn, records);`,
  },
];

/** Planted bugs in what operators order about agents, frameworks and tasks. */

import { acts } from "./acts.ts";
import type { Mutant } from "./mutant.ts";

const deactivation = "server/core/agents/deactivation.ts";

export const operatorMutants: readonly Mutant[] = [
  {
    id: "M11",
    title: "that an agent is gone is kept in memory only",
    breaks: ["S21", "S43"],
    file: "server/core/registry-op.ts",
    search: 'return [putAgent(agentId, agent, { kind: "gone", atWallMs, tasksAnnounced }), dropDeactivation(agentId)];',
    replace: `${acts("M11")};\n      return [putAgent(agentId, agent, { kind: "admitted" }), dropDeactivation(agentId)];`,
  },
  {
    id: "M49",
    title: "agents that are deactivated or drain are offered",
    breaks: ["S06", "S27"],
    file: "server/core/allocator/offerable.ts",
    search: "return !state.agentChanges.has(agentId) && !state.deactivations.has(agentId) && !isRevoked(state, agent.description);",
    replace: `if (state.deactivations.has(agentId)) ${acts("M49")};
  return !state.agentChanges.has(agentId) && !isRevoked(state, agent.description);`,
  },
  {
    id: "M80",
    title: "the next leader forgets that agents are deactivated",
    breaks: ["S27", "S43"],
    file: "server/core/recovery.ts",
    search: "        turn.state.deactivations.set(record.agentId, record.deactivation);",
    replace: `        ${acts("M80")};`,
  },
  {
    id: "M81",
    title: "an agent is drained before the ends of its tasks are acknowledged",
    breaks: ["S41"],
    file: deactivation,
    search: "  if (!isEmptied(agent)) return;",
    replace: `  if (!isEmptied(agent)) {
    const { linkId, tasks, executors, operations } = agent;
    const isBusy = [...tasks].some((task) => task.holdsResources) || executors.size + operations.size > 0;
    if (linkId === undefined || isBusy) return;
    ${acts("M81")};
  }`,
  },
  {
    id: "M173",
    title: "an operator's kill of a task is answered and goes nowhere",
    breaks: ["L05"],
    file: "server/core/operator/kill-task.ts",
    search: '  if (framework.tasks.has(taskId)) kill(turn, framework, { kind: "kill", taskId, agentId: task.agentId, graceMs });',
    replace: `  if (framework.tasks.has(taskId)) ${acts("M173")};`,
  },
  {
    id: "M134",
    title: "the drain of an agent that is empty already never ends",
    breaks: ["L10"],
    file: deactivation,
    search: "      state.drainChecks.add(agentId);",
    replace: `      if (agent.tasks.size + agent.executors.size + agent.operations.size > 0) state.drainChecks.add(agentId);
      else if (deactivation.drain !== undefined) ${acts("M134")};`,
  },
  {
    id: "M135",
    title: "of an agent that is gone only the first task is announced",
    breaks: ["S25"],
    file: "server/core/agents/gone.ts",
    search: "  leaveCluster(turn, agentId, (framework, task) => taskGone(turn, framework, task));",
    replace: `  let toldCount = 0;
  leaveCluster(turn, agentId, (framework, task) => {
    toldCount += 1;
    if (toldCount > 1) ${acts("M135")};
    taskGone(toldCount === 1 ? turn : { ...turn, emit: () => undefined }, framework, task);
  });`,
  },
];

/**
 * Tells operators' event streams at the end of each step what it changed, in an order in which everything that an event names is known:
 * frameworks, agents, tasks, and last what is gone. An agent or a framework that looks as it was told last is not told again.
 */

import type { AgentId, FrameworkId } from "../../../common/ids.ts";
import { writeTaskState } from "../../../common/mesos-task-status.ts";
import type { FrameworkInfo, TaskStatus } from "../../../protos/gen/mesos/v1/mesos.ts";
import { standingOf } from "../maintenance/agent-machine.ts";
import type { Agent, AgentFace, Framework, FrameworkFace, MasterState, Task, TaskChange } from "../state.ts";
import type { Turn } from "../turn.ts";
import { takeAgent } from "./get-agents.ts";
import { takeFramework } from "./get-frameworks.ts";
import { toTaskMessage } from "./get-tasks.ts";
import type { OperatorEvent } from "./operator-event.ts";
import { toWholeFramework } from "./snapshot.ts";

export function publishChanges(turn: Turn): void {
  const { streams, changed } = turn.state.watch;
  if (streams.size === 0) return;
  const endedFrameworks = [...changed.frameworks].flatMap((frameworkId) => publishFramework(turn, frameworkId) ?? []);
  const lostAgents = [...changed.agents].filter((agentId) => !publishAgent(turn, agentId));
  for (const [task, change] of changed.tasks) publish(turn, taskEvent(turn, task, change));
  for (const agentId of lostAgents) publish(turn, { kind: "agentRemoved", agentId });
  for (const info of endedFrameworks) publish(turn, { kind: "frameworkRemoved", info });
  changed.frameworks.clear();
  changed.agents.clear();
  changed.tasks.clear();
}

/** Remembers everything as it is: the first stream begins with it. */
export function rememberAll(state: MasterState): void {
  for (const agent of state.agents.values()) state.watch.agents.set(agent.agentId, agentFace(state, agent));
  for (const agentId of state.recoveredAgents.keys()) state.watch.agents.set(agentId, recoveredFace);
  for (const framework of state.frameworks.values()) state.watch.frameworks.set(framework.frameworkId, frameworkFace(framework));
}

function publish(turn: Turn, event: OperatorEvent): void {
  turn.emit({ kind: "sendToOperators", streamIds: [...turn.state.watch.streams], event });
}

/** The info of a framework that has ended. */
function publishFramework(turn: Turn, frameworkId: FrameworkId): FrameworkInfo | undefined {
  const { frameworks, watch } = turn.state;
  const framework = frameworks.get(frameworkId);
  const told = watch.frameworks.get(frameworkId);
  if (framework === undefined) {
    watch.frameworks.delete(frameworkId);
    return told === undefined ? undefined : infoIn(told);
  }
  const face = frameworkFace(framework);
  if (told !== undefined && isSameFace(told, face)) return undefined;
  watch.frameworks.set(frameworkId, face);
  publish(turn, {
    kind: told === undefined ? "frameworkAdded" : "frameworkUpdated",
    framework: toWholeFramework(takeFramework(framework)),
  });
  return undefined;
}

/** False for an agent that was told and is gone. */
function publishAgent(turn: Turn, agentId: AgentId): boolean {
  const { state } = turn;
  const { agents, recoveredAgents, watch } = state;
  const agent = agents.get(agentId);
  const told = watch.agents.get(agentId);
  if (agent === undefined) {
    if (told === undefined || recoveredAgents.has(agentId)) return true;
    watch.agents.delete(agentId);
    return false;
  }
  const face = agentFace(state, agent);
  if (told !== undefined && isSameFace(told, face)) return true;
  watch.agents.set(agentId, face);
  publish(turn, { kind: "agentAdded", agent: takeAgent(state, agent)() });
  return true;
}

function taskEvent(turn: Turn, task: Task, { isNew, status }: TaskChange): OperatorEvent {
  if (isNew) return { kind: "taskAdded", task: toTaskMessage(task) };
  return { kind: "taskUpdated", frameworkId: task.frameworkId, status: status ?? masterStatus(turn, task), state: task.state };
}

function masterStatus(turn: Turn, task: Task): TaskStatus {
  return {
    taskId: { value: task.taskId },
    agentId: { value: task.agentId },
    state: writeTaskState(task.state),
    source: sourceMaster,
    timestamp: turn.wallMs / 1_000,
  };
}

/** The number of mesos.v1.TaskStatus.Source.SOURCE_MASTER. */
const sourceMaster = 0;

const recoveredFace: AgentFace = ["recovered"];

function agentFace(state: MasterState, agent: Agent): AgentFace {
  const standing = standingOf(state, agent);
  const { phase, maxGraceMs, markGone } = standing?.drain ?? {};
  const { linkId, description, total, reregisteredWallMs } = agent;
  return [linkId !== undefined, standing !== undefined, phase, maxGraceMs, markGone, reregisteredWallMs, description, total];
}

/** The info comes first. */
function frameworkFace({ description, connection, isCompleting, reregisteredWallMs }: Framework): FrameworkFace {
  return [description.info, connection.kind, isCompleting, reregisteredWallMs];
}

function infoIn(face: FrameworkFace): FrameworkInfo {
  return face[0] as FrameworkInfo;
}

function isSameFace(left: readonly unknown[], right: readonly unknown[]): boolean {
  return left.length === right.length && left.every((value, index) => Object.is(value, right[index]));
}

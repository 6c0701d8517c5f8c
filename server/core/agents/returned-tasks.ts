/** Makes the master's books and those of an agent that came back agree: what both know, what only one knows, and what must not go on. */

import type { FrameworkId } from "../../../common/ids.ts";
import { isTerminal } from "../../../common/task-state.ts";
import type { MasterToAgent, ReportedTask, TaskKey } from "../agent-message.ts";
import { recoverFramework } from "../frameworks.ts";
import type { ReturningAgent } from "../registry-op.ts";
import { sendUpdate } from "../scheduler-events.ts";
import type { Agent, Framework, MasterState, Task } from "../state.ts";
import { addTask, moveTask } from "../tasks.ts";
import type { Turn } from "../turn.ts";
import { isCheckpointed } from "./abandonment.ts";
import { wasGivenUp } from "./given-up-tasks.ts";

export interface TakenBack {
  /** Tasks that the master knows and the agent does not; the agent answers each with an update. */
  readonly missing: readonly TaskKey[];
  /** Frameworks that have ended and still have something on the agent. */
  readonly completedFrameworkIds: readonly FrameworkId[];
  /** Kills. */
  readonly orders: readonly MasterToAgent[];
}

/** Where the master found the id: frameworks were told that an unreachable agent is gone; of an unknown one nobody told them. */
export type ReturnedFrom = "known" | "unreachable" | "unknown";

interface Return {
  readonly agent: Agent;
  readonly returning: ReturningAgent;
  readonly from: ReturnedFrom;
  /** Its tasks of frameworks without checkpoint were announced as lost. */
  readonly tasksAbandoned: boolean;
}

export function takeBackTasks(turn: Turn, { agent, returning, from, tasksAbandoned }: Return): TakenBack {
  const { state } = turn;
  for (const { frameworkId, framework } of returning.frameworks) recoverFramework(turn, frameworkId, framework);
  const reported = new Set<Task>();
  const completedFrameworkIds = new Set<FrameworkId>(
    returning.frameworks.map(({ frameworkId }) => frameworkId).filter((frameworkId) => !state.frameworks.has(frameworkId)),
  );
  const orders: MasterToAgent[] = [];
  for (const report of returning.tasks) {
    const framework = state.frameworks.get(report.frameworkId);
    // One whose end is being written goes on until that is durable: a later leader may have it still.
    if (framework === undefined) {
      completedFrameworkIds.add(report.frameworkId);
      continue;
    }
    const task = takeBackTask(state, { agent, framework, report });
    if (task === undefined) {
      orders.push(killOrder(report, undefined));
      continue;
    }
    reported.add(task);
    if (isTerminal(task.state)) continue;
    if (wasGivenUp(framework.description, { isUnreachable: from === "unreachable", isAbandoned: tasksAbandoned }))
      task.isAnnouncedLost = true;
    else if (from !== "known") announceReturn(turn, framework, task);
    if (task.kill !== undefined || task.isAnnouncedLost) orders.push(killOrder(report, task.kill?.graceMs));
  }
  if (tasksAbandoned) orders.push(...executorShutdowns(state, returning));
  const missing = [...agent.tasks].filter((task) => !reported.has(task)).concat(takeLostTasks(state, agent));
  return {
    missing: missing.map(({ frameworkId, taskId }) => ({
      frameworkId,
      taskId,
      partitionAware: state.frameworks.get(frameworkId)?.description.partitionAware,
    })),
    completedFrameworkIds: [...completedFrameworkIds],
    orders,
  };
}

/** Executors that were given up end with their tasks. */
function executorShutdowns(state: MasterState, { executors = [] }: ReturningAgent): MasterToAgent[] {
  const abandoned = executors.filter(({ frameworkId }) => {
    const framework = state.frameworks.get(frameworkId);
    return framework !== undefined && !isCheckpointed(framework);
  });
  return abandoned.map(({ frameworkId, executorId }) => ({ kind: "shutdownExecutor", frameworkId, executorId }));
}

/** Undefined when the framework has another task of this id elsewhere by now: two of them must not run. */
function takeBackTask(
  state: MasterState,
  { agent, framework, report }: { agent: Agent; framework: Framework; report: ReportedTask },
): Task | undefined {
  const known = framework.tasks.get(report.taskId);
  if (known !== undefined && known.agentId !== agent.agentId) return undefined;
  const remembered = framework.unreachableTasks.get(report.taskId);
  const task = known ?? toTask(agent, framework, report);
  task.statusUpdateState = report.statusUpdateState;
  task.statusUpdateUuid = report.statusUpdateUuid;
  task.checked = report.checked;
  if (known === undefined) {
    task.kill = remembered?.kill;
    framework.unreachableTasks.delete(report.taskId);
    addTask(state, { framework, agent, task }, "agent");
  }
  moveTask(state, task, report.state);
  return task;
}

/** TASK_LOST is final, and what was given up is killed. Others hear how their tasks are. */
function announceReturn(turn: Turn, framework: Framework, task: Task): void {
  sendUpdate(turn, framework, {
    taskId: task.taskId,
    agentId: task.agentId,
    state: task.state,
    reason: "REASON_AGENT_REREGISTERED",
    message: `Agent ${task.agentId} registered again`,
    checked: task.checked,
  });
}

/**
 * Tasks that were on the agent when it became unreachable and that it does not have any more. A partition-aware framework
 * still waits for their end, so the agent is asked for it.
 */
function takeLostTasks(state: MasterState, agent: Agent): Task[] {
  const lost: Task[] = [];
  for (const framework of state.frameworks.values()) {
    for (const task of framework.unreachableTasks.values()) {
      if (task.agentId !== agent.agentId) continue;
      framework.unreachableTasks.delete(task.taskId);
      framework.completedTasks.add(task);
      if (!task.isAnnouncedLost) lost.push(task);
    }
  }
  return lost;
}

function toTask(agent: Agent, framework: Framework, report: ReportedTask): Task {
  return {
    taskId: report.taskId,
    frameworkId: framework.frameworkId,
    agentId: agent.agentId,
    executorId: report.executorId,
    limits: report.limits,
    name: report.name,
    role: report.resources[0]?.allocationRole ?? framework.description.roles[0] ?? "*",
    resources: report.resources,
    state: report.state,
    statusUpdateState: undefined,
    statusUpdateUuid: undefined,
    holdsResources: !isTerminal(report.state),
    kill: undefined,
    isAnnouncedLost: false,
  };
}

function killOrder({ frameworkId, taskId }: TaskKey, graceMs: number | undefined): MasterToAgent {
  return { kind: "killTask", frameworkId, taskId, graceMs };
}

/** The agent's pure state machine. One step takes one input, changes the state and answers what to do, in order. */

import { assertNever } from "../../common/assert.ts";
import type { Core } from "../../common/core.ts";
import type { AgentId, ContainerId } from "../../common/ids.ts";
import type { Resources } from "../../common/resources.ts";
import { isTerminal } from "../../common/task-state.ts";
import { checkDone, checksTick } from "./checks/check-results.ts";
import type { AgentConfig } from "./config.ts";
import { connectionDeadlineMs, connectionTick, leaderDetected, linkClosed, linkOpened } from "./connection.ts";
import { type ContainerSummary, summarizeContainers } from "./container-summary.ts";
import { createState } from "./create-state.ts";
import { settleDrain } from "./draining.ts";
import { checkpointed, checkpointFailed, commit } from "./durable.ts";
import type { AgentEffect } from "./effect.ts";
import { executorStreamClosed, handleExecutorCall, subscribeExecutor } from "./executor-calls.ts";
import { heartbeatExecutors } from "./executor-stream.ts";
import { executorExited, executorFailed, executorStarted, executorsTick } from "./executors.ts";
import type { AgentInput } from "./input.ts";
import { checkInvariants } from "./invariants.ts";
import { currentLinkId } from "./link.ts";
import type { TaskKey } from "./master-message.ts";
import { handleMasterMessage } from "./master-messages.ts";
import { retryDueOperations } from "./operation-updates.ts";
import { answerOperator, type OperatorAnswer, type OperatorQuestion } from "./operator/operator-answer.ts";
import { recovered } from "./recovery.ts";
import type { AgentState, Connection } from "./state.ts";
import { retryDueHeads } from "./status-updates.ts";
import { type Surroundings, surroundingsOf } from "./surroundings.ts";
import { containerExited, containerFailed, containerStarted } from "./tasks.ts";
import { allContainersKilled, drainNow, exitIfDone } from "./termination.ts";
import type { Turn } from "./turn.ts";

/** What an operator may see of an agent. */
export interface AgentSummary {
  readonly connection: Connection["kind"];
  readonly agentId: AgentId | undefined;
  readonly taskCount: number;
  readonly frameworkCount: number;
  /** Those that have not ended. */
  readonly liveTasks: readonly TaskKey[];
  /** With reservations and volumes. */
  readonly total: Resources;
}

export interface AgentCore extends Core<AgentInput, AgentEffect> {
  /** Throws InvariantError when the state contradicts itself. Looks at everything: for tests, simulation and slow timers. */
  checkInvariants(): void;
  describe(): AgentSummary;
  agentId(): AgentId | undefined;
  /** Undefined for a container that the agent does not have, or in which nothing runs. */
  surroundings(containerId: ContainerId): Surroundings | undefined;
  /** Undefined while the agent recovers. */
  answer(question: OperatorQuestion): OperatorAnswer | undefined;
  /** Those whose launch was ordered and whose end is not settled. */
  containers(): readonly ContainerSummary[];
}

/** An agent that waits for its first input, `recovered`. */
export function createAgent(config: AgentConfig): AgentCore {
  const state = createState(config);
  return {
    step(input, { nowMs, wallMs }) {
      const effects: AgentEffect[] = [];
      if (state.connection.kind === "exited") return effects;
      const turn: Turn = { state, nowMs, wallMs, emit: (effect) => effects.push(effect) };
      handle(turn, input);
      if (isOver(state)) return effects;
      settleDrain(turn);
      commit(turn);
      exitIfDone(turn);
      return effects;
    },
    agentId: () => state.agentId,
    surroundings: (containerId) => surroundingsOf(state, containerId),
    answer: (question) => answerOperator(state, question),
    containers: () => summarizeContainers(state),
    nextDeadlineMs: () => nextDeadlineMs(state),
    checkInvariants: () => checkInvariants(state),
    describe: () => ({
      connection: state.connection.kind,
      agentId: state.agentId,
      taskCount: state.tasks.size,
      frameworkCount: state.frameworks.size,
      liveTasks: [...state.tasks.values()].filter((task) => !isTerminal(task.latestState)).map(toKey),
      total: state.durableTotal,
    }),
  };
}

function toKey({ frameworkId, taskId }: TaskKey): TaskKey {
  return { frameworkId, taskId };
}

function isOver(state: AgentState): boolean {
  return state.connection.kind === "exited";
}

function handle(turn: Turn, input: AgentInput): void {
  switch (input.kind) {
    case "tick":
      connectionTick(turn);
      retryDueHeads(turn);
      retryDueOperations(turn);
      if (turn.state.connection.kind !== "terminating") executorsTick(turn);
      checksTick(turn);
      heartbeatExecutors(turn);
      return;
    case "recovered":
      recovered(turn, input);
      return;
    case "leaderDetected":
      leaderDetected(turn, input.leader);
      return;
    case "linkOpened":
      linkOpened(turn, input.linkId);
      return;
    case "linkClosed":
      linkClosed(turn, input.linkId, input.reason);
      return;
    case "masterMessage":
      if (currentLinkId(turn.state.connection) === input.linkId) handleMasterMessage(turn, input.message);
      return;
    case "checkpointed":
      checkpointed(turn, input.batch);
      return;
    case "checkpointFailed":
      checkpointFailed(turn, input.reason);
      return;
    case "executorSubscribe":
      subscribeExecutor(turn, input.streamId, input.subscription);
      return;
    case "executorStreamClosed":
      executorStreamClosed(turn, input.streamId);
      return;
    case "executorCall":
      turn.emit({ kind: "replyToExecutor", callId: input.callId, refusal: handleExecutorCall(turn, input, input.call) });
      return;
    case "checkDone":
      checkDone(turn, input.checkId, input.result);
      return;
    case "drainNow":
      drainNow(turn);
      return;
    case "allContainersKilled":
      allContainersKilled(turn, input.alive);
      return;
    default:
      handleContainer(turn, input);
  }
}

type ContainerInput = Extract<AgentInput, { readonly kind: "containerStarted" | "containerFailed" | "containerExited" }>;

/** What containers do while the agent leaves needs no record: everything of them goes. */
function handleContainer(turn: Turn, input: ContainerInput): void {
  if (turn.state.connection.kind === "terminating") return;
  const executor = turn.state.executorContainers.get(input.containerId);
  switch (input.kind) {
    case "containerStarted":
      if (executor === undefined) containerStarted(turn, input.containerId);
      else executorStarted(turn, executor);
      return;
    case "containerFailed":
      if (executor === undefined) containerFailed(turn, input.containerId, input.reason);
      else executorFailed(turn, executor, input.reason);
      return;
    case "containerExited":
      if (executor === undefined) containerExited(turn, input);
      else executorExited(turn, executor, input);
      return;
    default:
      assertNever(input);
  }
}

function nextDeadlineMs(state: AgentState): number | undefined {
  const { connection } = state;
  if (connection.kind === "terminating") return connection.isRetired ? connection.answerByMs : undefined;
  // Asked for at every step, so nothing is allocated here.
  const nextMs = Math.min(
    connectionDeadlineMs(state) ?? never,
    state.retries.nextAtMs() ?? never,
    state.operationRetries.nextAtMs() ?? never,
    state.checks.deadlines.nextAtMs() ?? never,
    state.checks.completions.nextAtMs() ?? never,
    state.executorDeadlines.nextAtMs() ?? never,
    state.executorHeartbeats.nextAtMs() ?? never,
    state.drainEscalatesAtMs ?? never,
  );
  return nextMs === never ? undefined : nextMs;
}

const never = Number.POSITIVE_INFINITY;

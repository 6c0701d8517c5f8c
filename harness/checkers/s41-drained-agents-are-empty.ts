/** S41: of an agent that is drained nothing runs any more, and no framework has yet to acknowledge an end of a task there. */

import type { SnapshotRecord } from "../history/records.ts";
import { type HistoryView, isAgentCalm } from "../history/view.ts";
import { type Checker, fail, pass, type Verdict } from "./checker.ts";
import { isReliable, isVolatile, onlyLaunch } from "./evidence.ts";

export const drainedAgentsAreEmpty: Checker = {
  id: "S41",
  title: "drained agents are empty",
  check(view) {
    let evaluated = 0;
    for (const record of view.snapshots) {
      for (const { agentId, drain } of record.snapshot.agents) {
        if (drain?.phase !== "drained") continue;
        evaluated++;
        const problem = holdingProblem(record, agentId) ?? acknowledgementProblem(view, record, agentId);
        if (problem !== undefined) return problem;
      }
    }
    return pass(evaluated);
  },
};

function holdingProblem({ seq, snapshot }: SnapshotRecord, drained: string): Verdict | undefined {
  const task = snapshot.tasks.find(({ agentId }) => agentId === drained);
  if (task !== undefined) return fail(`agent ${drained} is drained, and has task ${task.taskId} in ${task.state}`, [seq]);
  const executor = snapshot.executors?.find(({ agentId }) => agentId === drained);
  return executor === undefined ? undefined : fail(`agent ${drained} is drained, and has executor ${executor.executorId}`, [seq]);
}

/** Every end that a framework was told on the stream that it still has, it has acknowledged. */
function acknowledgementProblem(view: HistoryView, { seq, atMs, snapshot }: SnapshotRecord, drained: string): Verdict | undefined {
  const frameworks = new Set(snapshot.frameworks.map(({ frameworkId }) => frameworkId));
  for (const task of view.tasksByAgent.get(drained) ?? []) {
    if (onlyLaunch(task) === undefined || !frameworks.has(task.frameworkId)) continue;
    const end = task.updates.find((update) => update.terminal && isReliable(update) && update.seq < seq && update.stream.closedSeq > seq);
    // Nothing of a task is on an agent that never had it. The agent says so until it is heard; a leader that came later knows of nothing to
    // wait for, and one that gave the task up as unreachable waits for it no more.
    const isNotThere = end?.status.reason === "REASON_RECONCILIATION" && task.ledger.length === 0;
    // Of a task that is not checkpointed nothing outlives its agent's process, an end that nobody acknowledged neither.
    const isForgotten = end !== undefined && isVolatile(view, task) && !isAgentCalm(view, drained, end.atMs, atMs);
    if (
      end === undefined ||
      isNotThere ||
      isForgotten ||
      task.acknowledgements.some((call) => call.body.uuid === end.status.uuid && call.invokeSeq < seq)
    )
      continue;
    return fail(`agent ${drained} is drained, and ${task.taskId} is ${end.status.state} without an acknowledgement`, [end.seq, seq]);
  }
  return undefined;
}

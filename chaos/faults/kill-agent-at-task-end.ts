/**
 * SIGKILL for an agent just when one of its tasks ended: between hearing of the end, writing it down and telling it. By
 * chance alone a crash hits these few milliseconds too rarely.
 */

import type { HistoryEvent } from "../../harness/history/event.ts";
import type { Fault, FaultContext } from "../../harness/nemesis.ts";
import { exitEvidence, restartTarget, runningAgainEvidence, runningNodes } from "./node-fault.ts";

/** Where a task runs, its end within this time is waited for; without one the agent is killed anyway. */
const waitMaxMs = 2_000;

/** How soon after the end the agent is killed: before this, at one of these distances. */
const killDelayMaxMs = 12;

export const killAgentAtTaskEnd: Fault = {
  name: "kill-agent-at-task-end",
  needs: ["signal", "restart"],
  targets: (cluster) => runningNodes(cluster, "agent"),
  inject,
  heal: restartTarget,
  hasBitten: exitEvidence,
  hasHealed: runningAgainEvidence,
};

async function inject({ cluster, recorder, target, beganSeq }: FaultContext): Promise<void> {
  const stepMs = cluster.capabilities.has("virtual-time") ? 1 : 10;
  const untilMs = cluster.nowMs() + (runsTask(recorder.events, target) ? waitMaxMs : 0);
  let seenCount = beganSeq + 1;
  for (let hasEnded = false; !hasEnded && cluster.nowMs() < untilMs; ) {
    await cluster.advance(stepMs);
    const fresh = recorder.events.slice(seenCount);
    seenCount += fresh.length;
    hasEnded = fresh.some((event) => event.kind === "ledger" && event.line === "end" && event.node === target);
  }
  // The position in the history is as good as a die, and the same when the run is done again.
  const delayMs = beganSeq % killDelayMaxMs;
  if (delayMs > 0) await cluster.advance(delayMs);
  const isRunning = cluster.nodes().some(({ node, state }) => node === target && state === "running");
  if (isRunning) await cluster.signal(target, "SIGKILL");
}

/** Whether the ledger of the node has a task that began and did not end. One that was killed may have left no line. */
function runsTask(events: readonly HistoryEvent[], node: string): boolean {
  const running = new Set<string>();
  for (const event of events) {
    if (event.kind !== "ledger" || event.node !== node) continue;
    if (event.line === "start") running.add(event.process);
    else if (event.line === "end") running.delete(event.process);
  }
  return running.size > 0;
}

/**
 * S23: only an agent itself speaks for its id. Who does so without being it is refused or not heard, and nothing that it says reaches
 * anybody: no framework hears of it, no offer goes, the agent keeps its link.
 */

import type { ImpostureRecord } from "../history/impostures.ts";
import { type HistoryView, isAgentCalm } from "../history/view.ts";
import { type Checker, fail, pass, type Verdict } from "./checker.ts";
import { isDisconnectionNotice, isRemovalNotice, saysUnreachable } from "./evidence.ts";

export const agentsSpeakForThemselves: Checker = {
  id: "S23",
  title: "only an agent itself speaks for its id",
  check(view) {
    let evaluated = 0;
    const heard = view.impostures.length === 0 ? new Map<string, number>() : heardMarks(view);
    for (const imposture of view.impostures) {
      if (!view.nodeOf.has(imposture.agentId)) continue;
      if (Number.isFinite(imposture.openedAtMs)) evaluated++;
      const problem = answerProblem(view, imposture) ?? markProblem(imposture, heard) ?? effectProblem(view, imposture);
      if (problem !== undefined) return problem;
    }
    return pass(evaluated);
  },
};

/** A master answers an impostor by refusing it, or not at all. */
function answerProblem(view: HistoryView, { agentId, seq, answers }: ImpostureRecord): Verdict | undefined {
  for (const { answer, detail, seq: answerSeq } of answers) {
    if (answer === "closed" || answer === "refuse") continue;
    // Of an id that is used up everybody may say so.
    if (answer === "unregistered" && mayBeUsedUp(view, agentId, answerSeq)) continue;
    return fail(`who is not agent ${agentId} spoke for it, and was answered: ${answer} ${detail}`.trimEnd(), [seq, answerSeq]);
  }
  return undefined;
}

/** By a drain, by an operator's order, or since another agent came in its place. */
function mayBeUsedUp(view: HistoryView, agentId: string, seq: number): boolean {
  const drain = view.drainOf.get(agentId);
  if ((drain !== undefined && drain.fault.beginSeq < seq) || view.orders.mayBeGone(agentId, seq)) return true;
  const node = view.nodeOf.get(agentId);
  return view.registrations.findLast((one) => one.node === node && one.seq < seq)?.agentId !== agentId;
}

/** What frameworks heard, by that by which a claim is known again. */
function heardMarks(view: HistoryView): ReadonlyMap<string, number> {
  const marks = new Map<string, number>();
  for (const event of view.events) {
    if (event.kind !== "event") continue;
    const { event: heard } = event;
    if ((heard.kind === "update" || heard.kind === "operationUpdate") && heard.status.uuid !== undefined) {
      marks.set(heard.status.uuid, event.seq);
    } else if (heard.kind === "message") marks.set(heard.data, event.seq);
    else if (heard.kind === "failure" && heard.status !== undefined) marks.set(`status ${heard.status}`, event.seq);
  }
  return marks;
}

function markProblem({ agentId, claims, seq }: ImpostureRecord, heard: ReadonlyMap<string, number>): Verdict | undefined {
  for (const claim of claims) {
    const mark =
      claim.kind === "update" || claim.kind === "operationUpdate"
        ? claim.uuid
        : claim.kind === "executorMessage"
          ? claim.data
          : claim.kind === "exitedExecutor"
            ? `status ${claim.status}`
            : undefined;
    const heardSeq = mark === undefined ? undefined : heard.get(mark);
    if (heardSeq === undefined || heardSeq < seq) continue;
    return fail(`who is not agent ${agentId} said ${claim.kind} for it, and a framework heard that`, [seq, heardSeq]);
  }
  return undefined;
}

/** In calm nothing happens to an agent right after somebody else spoke for it. */
function effectProblem(view: HistoryView, { agentId, seq, atMs, openedAtMs }: ImpostureRecord): Verdict | undefined {
  const untilMs = openedAtMs + 2 * view.timings.pingTimeoutMs + view.noticeMs;
  const node = view.nodeOf.get(agentId);
  if (untilMs > view.endAtMs || !isAgentCalm(view, agentId, atMs - view.noticeMs, untilMs)) return undefined;
  if (view.registrations.findLast((one) => one.node === node && one.seq < seq)?.agentId !== agentId) return undefined;
  const isThen = (one: { readonly seq: number; readonly atMs: number }): boolean => one.seq > seq && one.atMs <= untilMs;
  const returned = view.registrations.find((one) => one.node === node && isThen(one));
  if (returned !== undefined) return fail(`agent ${agentId} lost its link when somebody else spoke for it`, [seq, returned.seq]);
  const failure = view.streams.flatMap(({ failures }) => failures).find((one) => one.agentId === agentId && isThen(one));
  if (failure !== undefined) return fail(`agent ${agentId} was given up when somebody else spoke for it`, [seq, failure.seq]);
  for (const { taskId, updates } of view.tasksByAgent.get(agentId) ?? []) {
    // A task whose id was used twice may have been on another agent.
    const lost = updates.find(
      (one) =>
        isThen(one) && one.status.agentId === agentId && (isRemovalNotice(one) || isDisconnectionNotice(one) || saysUnreachable(one)),
    );
    if (lost !== undefined) return fail(`task ${taskId} was lost when somebody else spoke for agent ${agentId}`, [seq, lost.seq]);
  }
  return undefined;
}

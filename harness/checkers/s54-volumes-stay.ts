/**
 * S54: a volume that was told to be made is there, under whatever id its agent has, until somebody asks for its end; and whatever was asked
 * for, a volume is there as long as a task runs on it.
 */

import type { SnapshotRecord } from "../history/records.ts";
import { isCall } from "../history/records.ts";
import type { ResourceJson } from "../history/resource-json.ts";
import type { HistoryView } from "../history/view.ts";
import { type Checker, fail, pass, type Verdict } from "./checker.ts";

export const volumesStay: Checker = {
  id: "S54",
  title: "volumes stay until they are destroyed",
  check(view) {
    let evaluated = 0;
    const destroyedSeqs = firstDestructions(view);
    const hosts = new Map(
      view.snapshots.flatMap(({ snapshot }) => snapshot.agents.map((agent) => [agent.agentId, agent.hostname] as const)),
    );
    for (const { seq, agentId, volume } of madeVolumes(view)) {
      const hostname = hosts.get(agentId);
      const untilSeq = destroyedSeqs.get(volume) ?? Number.POSITIVE_INFINITY;
      for (const { seq: seenSeq, snapshot } of view.snapshots) {
        if (seenSeq < seq || seenSeq > untilSeq) continue;
        const agent = snapshot.agents.find((one) => one.active && one.hostname === hostname);
        if (agent === undefined) continue;
        evaluated++;
        if (agent.total.some((entry) => nameOf(entry) === volume)) continue;
        return fail(`${volume} was made on agent ${agentId} and is gone from ${hostname}`, [seq, seenSeq]);
      }
    }
    for (const record of view.snapshots) {
      const problem = heldProblem(record);
      if (problem !== undefined) return problem;
    }
    return pass(evaluated);
  },
};

function heldProblem({ seq, snapshot }: SnapshotRecord): Verdict | undefined {
  const totals = new Map(snapshot.agents.map(({ agentId, total }) => [agentId, new Set(namesOf(total))]));
  for (const { taskId, agentId, state, resources } of snapshot.tasks) {
    const total = state === "TASK_RUNNING" ? totals.get(agentId) : undefined;
    const missing = total === undefined ? undefined : namesOf(resources).find((name) => !total.has(name));
    if (missing !== undefined) return fail(`task ${taskId} runs on ${missing}, which agent ${agentId} does not have`, [seq]);
  }
  return undefined;
}

interface MadeVolume {
  readonly seq: number;
  readonly agentId: string;
  readonly volume: string;
}

/** Those whose CREATE had a name and was told to be finished, and those that an operator was told to be made. */
function madeVolumes(view: HistoryView): MadeVolume[] {
  const wanted = new Map<string, readonly string[]>();
  for (const call of view.calls) {
    if (!isCall(call, "accept")) continue;
    for (const { kind, id, resources } of call.body.operations ?? []) {
      if (kind === "create" && id !== undefined) wanted.set(`${call.framework} ${id}`, namesOf(resources));
    }
  }
  const ordered = view.resourceOrders.flatMap(({ body, outcome, outcomeSeq }) => {
    const { agentId, operation } = body;
    if (operation.kind !== "create" || outcome !== "ok") return [];
    return namesOf(operation.resources).map((volume) => ({ seq: outcomeSeq, agentId, volume }));
  });
  const told = view.events.flatMap((event) => {
    if (event.kind !== "event" || event.event.kind !== "operationUpdate") return [];
    const { operationId, agentId, state } = event.event.status;
    if (state !== "OPERATION_FINISHED" || agentId === undefined) return [];
    return (wanted.get(`${event.framework} ${operationId}`) ?? []).map((volume) => ({ seq: event.seq, agentId, volume }));
  });
  return [...ordered, ...told];
}

/** When somebody first wanted a volume of this name destroyed, on whichever agent, and whatever became of it. */
function firstDestructions(view: HistoryView): Map<string, number> {
  const seqs = new Map<string, number>();
  const note = (resources: readonly ResourceJson[], seq: number): void => {
    for (const volume of namesOf(resources)) seqs.set(volume, Math.min(seq, seqs.get(volume) ?? seq));
  };
  for (const call of view.calls) {
    if (!isCall(call, "accept")) continue;
    for (const { kind, resources } of call.body.operations ?? []) {
      if (kind === "destroy") note(resources, call.invokeSeq);
    }
  }
  for (const { body, outcome, invokeSeq } of view.resourceOrders) {
    if (body.operation.kind === "destroy" && outcome !== "fail") note(body.operation.resources, invokeSeq);
  }
  return seqs;
}

function namesOf(resources: readonly ResourceJson[]): string[] {
  return resources.flatMap((entry) => nameOf(entry) ?? []);
}

/** An id names one volume of its role on its agent. */
function nameOf({ volume, reservations = [] }: ResourceJson): string | undefined {
  return volume === undefined ? undefined : `volume ${volume} of role ${reservations.at(-1)?.role}`;
}

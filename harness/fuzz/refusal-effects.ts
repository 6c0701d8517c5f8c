/**
 * Whether a refused call has changed anything, by the leader's state before and after it. Looked at is what changes only
 * when somebody asks for it: which frameworks there are and as what, which tasks of the fuzzer there are, which offers on
 * an agent that stays it holds, and that agent itself. What moves by itself (states of tasks, sums, new offers, agents
 * that the fuzzer made up) is left out.
 */

import type { Response_GetState } from "../../protos/gen/mesos/v1/master/master.ts";
import { FrameworkInfo } from "../../protos/gen/mesos/v1/mesos.ts";

export interface Stage {
  /** The fuzzer's framework. */
  readonly frameworkId: string | undefined;
  /** The agent that stays. */
  readonly agentId: string;
}

/** Facts by their name, as text that is compared. */
export type Facts = ReadonlyMap<string, string>;

export function readFacts(state: Response_GetState, { frameworkId, agentId }: Stage): Facts {
  const facts = new Map<string, string>();
  for (const framework of state.getFrameworks?.frameworks ?? []) {
    const id = framework.frameworkInfo?.id?.value ?? "";
    // A framework whose stream is gone is removed when its time is up, whatever is called meanwhile.
    if (!framework.connected || framework.frameworkInfo === undefined) continue;
    facts.set(`framework ${id}`, JSON.stringify([FrameworkInfo.toJSON(framework.frameworkInfo), framework.active]));
    if (id !== frameworkId) continue;
    for (const offer of framework.offers) if (offer.agentId?.value === agentId) facts.set(`offer ${offer.id?.value}`, "held");
  }
  const { tasks = [], completedTasks = [], unreachableTasks = [], orphanTasks = [] } = state.getTasks ?? {};
  for (const task of [...tasks, ...completedTasks, ...unreachableTasks, ...orphanTasks]) {
    if (task.frameworkId?.value === frameworkId) facts.set(`task ${task.taskId?.value}`, `on ${task.agentId?.value}`);
  }
  const agent = state.getAgents?.agents.find((one) => one.agentInfo?.id?.value === agentId);
  facts.set(`agent ${agentId}`, agent === undefined ? "gone" : agent.active ? "active" : "not active");
  return facts;
}

/** What is different, one line each. New offers come by themselves. */
export function findEffects(before: Facts, after: Facts): string[] {
  const effects: string[] = [];
  for (const [name, fact] of before) {
    const now = after.get(name);
    if (now !== fact) effects.push(`${name} was ${fact}, is ${now ?? "gone"}`);
  }
  for (const name of after.keys()) if (!before.has(name) && !name.startsWith("offer ")) effects.push(`${name} is new`);
  return effects;
}

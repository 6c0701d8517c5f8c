/** ACCEPT with LAUNCH_GROUP: tasks that stand and fall together, in the agent's own executor or in one of the framework. */

import fc from "fast-check";
import type { ResourceJson } from "../../history/event.ts";
import { type CommandKind, position } from "../command.ts";
import type { Framework } from "../framework.ts";
import type { KnownOffer } from "../knowledge.ts";
import { OfferPurse } from "../offer-purse.ts";
import { at, type World } from "../world.ts";
import { type TaskStep, taskStep } from "./accept-offer.ts";

/** What is wrong with the group, if anything. */
export type GroupTwist =
  | "none"
  /** The last task asks for more than the offer has: none of the group may start. */
  | "tooMuch"
  /** The last task has the id of one that lives. */
  | "reusedTaskId"
  /** KILL of the first task right behind the ACCEPT. */
  | "killAtOnce";

export interface LaunchGroupStep {
  readonly kind: "launchGroup";
  readonly framework: number;
  readonly offer: number;
  /** Which of the framework's executors for groups. */
  readonly executor: number;
  readonly isDefault: boolean;
  readonly tasks: readonly TaskStep[];
  readonly refuseSeconds: number;
  readonly twist: GroupTwist;
}

/** The same each time: an executor that runs must be described as before. */
const executorAmounts = [
  ["cpus", 100],
  ["mem", 32_000],
  ["disk", 10_000],
] as const;

export const launchGroup: CommandKind<LaunchGroupStep> = {
  arbitrary: fc.record({
    kind: fc.constant("launchGroup"),
    framework: position,
    offer: position,
    executor: fc.constantFrom(0, 1),
    isDefault: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
    tasks: fc.array(taskStep, { minLength: 1, maxLength: 3 }),
    refuseSeconds: fc.constantFrom(0, 0, 1, 5),
    twist: fc.oneof(
      { weight: 6, arbitrary: fc.constant<GroupTwist>("none") },
      { weight: 1, arbitrary: fc.constantFrom<GroupTwist[]>("tooMuch", "reusedTaskId", "killAtOnce") },
    ),
  }),
  check: (world, step) => world.framework(step.framework).isSubscribed && chooseOffer(world, step) !== undefined,
  run(world, step) {
    const framework = world.framework(step.framework);
    const offer = chooseOffer(world, step);
    if (offer === undefined) return;
    const isDefault = step.isDefault || world.cluster.hasExecutors !== true;
    const resources = executorResources(offer);
    const purse = new OfferPurse(offer.resources);
    purse.change(resources, []);
    const tasks = toTasks(world, { framework, offer, step, purse });
    const { agentId, offerId } = offer;
    const kind = isDefault ? "group" : "own-group";
    const executorId = `${framework.name}-${kind}-${step.executor}-${offer.role.replaceAll(/[^a-z0-9]/g, "-")}`;
    framework.send({
      kind: "accept",
      offerIds: [offerId],
      group: { executorId, resources, isDefault },
      tasks,
      refuseSeconds: step.refuseSeconds,
    });
    const first = tasks[0];
    if (step.twist === "killAtOnce" && first !== undefined) framework.send({ kind: "kill", taskId: first.taskId, agentId });
  },
};

/** One that has room for the executor and for the smallest task, not reserved for anyone. */
function chooseOffer(world: World, step: LaunchGroupStep): KnownOffer | undefined {
  const offers = [...world.framework(step.framework).offers.values()].filter((offer) =>
    executorAmounts.every(([name, milli]) => unreservedMilli(offer, name) >= 2 * milli),
  );
  return offers.length === 0 ? undefined : at(offers, step.offer);
}

function unreservedMilli(offer: KnownOffer, name: string): number {
  const found = offer.resources.find((one) => one.name === name && isUnreserved(one));
  return found?.milli ?? 0;
}

function isUnreserved({ reservations = [], volume }: ResourceJson): boolean {
  return reservations.length === 0 && volume === undefined;
}

function executorResources({ role }: KnownOffer): ResourceJson[] {
  return executorAmounts.map(([name, milli]) => ({ name, milli, ...(role === "" ? {} : { role }) }));
}

interface Members {
  readonly framework: Framework;
  readonly offer: KnownOffer;
  readonly step: LaunchGroupStep;
  readonly purse: OfferPurse;
}

/** As many of the step's tasks as the offer has room for, at least one; a twist is on the last of them. */
function toTasks(world: World, { framework, offer, step, purse }: Members) {
  const { agentId, role } = offer;
  const fitting = fittingTasks(step.tasks, purse);
  return fitting.map((task, index) => {
    const isTwisted = index === fitting.length - 1;
    const { durationMs, exitCode, ignoresSigterm, daemonCount } = task;
    const reused = isTwisted && step.twist === "reusedTaskId" ? framework.usedTaskId() : undefined;
    const taskId = reused ?? framework.newTaskId();
    const plan = { durationMs: durationMs ?? undefined, exitCode, ignoresSigterm, daemonCount };
    const command = world.cluster.taskCommand(plan, { frameworkId: framework.frameworkId ?? "", taskId, agentId });
    const cpusMilli = isTwisted && step.twist === "tooMuch" ? purse.milli("cpus") + 1_000 : task.cpusMilli;
    return {
      taskId,
      agentId,
      resources: [...purse.take("cpus", cpusMilli, role), ...purse.take("mem", task.memMilli, role)],
      command: command.value,
      environment: command.environment,
    };
  });
}

function fittingTasks(tasks: readonly TaskStep[], purse: OfferPurse): readonly TaskStep[] {
  let cpusMilli = purse.milli("cpus");
  let memMilli = purse.milli("mem");
  const count = tasks.findIndex((task) => {
    cpusMilli -= task.cpusMilli;
    memMilli -= task.memMilli;
    return cpusMilli < 0 || memMilli < 0;
  });
  return count < 0 ? tasks : tasks.slice(0, Math.max(1, count));
}

/** ACCEPT with LAUNCH: tasks of all kinds on an offer, and the ways in which an ACCEPT can be wrong. */

import fc from "fast-check";
import type { ResourceJson } from "../../history/event.ts";
import { type CommandKind, position } from "../command.ts";
import type { Framework } from "../framework.ts";
import type { KnownOffer } from "../knowledge.ts";
import { OfferPurse } from "../offer-purse.ts";
import { type TaskWatch, taskWatch, toWatchJson } from "../task-watch.ts";
import { at, type World } from "../world.ts";

export interface TaskStep {
  readonly cpusMilli: number;
  readonly memMilli: number;
  /** Null: runs until it is killed. */
  readonly durationMs: number | null;
  readonly exitCode: number;
  readonly ignoresSigterm: boolean;
  readonly daemonCount: number;
  /** Which of the framework's executors runs it, where there are such; null for a command task. Absent in older plans. */
  readonly executor?: number | null;
  /** Whether it uses the shared volumes of the offer, beside whatever else does. Absent in older plans. */
  readonly usesShared?: boolean;
  /** How it is looked at, and what that finds, where machines can do that; null for not at all. Absent in older plans. */
  readonly watch?: TaskWatch | null;
}

/** What is wrong with the call, if anything. */
export type AcceptTwist =
  | "none"
  /** One more cpu than the offer has. */
  | "tooMuch"
  /** The id of a task of this framework that lives. */
  | "reusedTaskId"
  /** An offer that was made to another framework. */
  | "foreignOffer"
  /** An offer that was used, declined, rescinded or lost with its stream. */
  | "staleOffer"
  /** A good offer together with one that is gone: the whole call is invalid. */
  | "goodAndStaleOffer"
  /** Together with an offer of another agent or role: the whole call is invalid. */
  | "mixedOffers"
  /** The same offer in a second ACCEPT right behind the first. */
  | "twice"
  /** KILL of the first task right behind the ACCEPT. */
  | "killAtOnce"
  /** With a `mesos-stream-id` that is not valid any more. */
  | "staleStream";

export interface AcceptOfferStep {
  readonly kind: "acceptOffer";
  readonly framework: number;
  readonly offer: number;
  readonly tasks: readonly TaskStep[];
  readonly refuseSeconds: number;
  readonly twist: AcceptTwist;
}

export const taskStep: fc.Arbitrary<TaskStep> = fc.record({
  cpusMilli: fc.constantFrom(100, 250, 500, 1_000),
  memMilli: fc.constantFrom(32_000, 64_000, 256_000),
  durationMs: fc.oneof(fc.constantFrom(10, 200, 1_000, 5_000, 30_000), fc.constant(null)),
  exitCode: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constantFrom(1, 3) }),
  ignoresSigterm: fc.boolean(),
  daemonCount: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constant(1) }),
  usesShared: fc.boolean(),
  executor: fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 2, arbitrary: fc.constantFrom(0, 1) }),
  watch: fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: taskWatch }),
});

/** What is drawn several times seldom finds something to act on. */
const twists = [
  "tooMuch",
  "reusedTaskId",
  "reusedTaskId",
  "reusedTaskId",
  "foreignOffer",
  "staleOffer",
  "goodAndStaleOffer",
  "mixedOffers",
  "twice",
  "killAtOnce",
  "staleStream",
] as const;

export const acceptOffer: CommandKind<AcceptOfferStep> = {
  arbitrary: fc.record({
    kind: fc.constant("acceptOffer"),
    framework: position,
    offer: position,
    tasks: fc.array(taskStep, { minLength: 1, maxLength: 3 }),
    refuseSeconds: fc.constantFrom(0, 0, 1, 5),
    twist: fc.oneof(
      { weight: 4, arbitrary: fc.constant<AcceptTwist>("none") },
      { weight: 1, arbitrary: fc.constantFrom<AcceptTwist[]>(...twists) },
    ),
  }),
  check: (world, step) => world.framework(step.framework).isSubscribed && chooseOffer(world, step) !== undefined,
  run(world, step) {
    const framework = world.framework(step.framework);
    const offer = chooseOffer(world, step);
    if (offer === undefined) return;
    const reused = step.twist === "reusedTaskId" ? framework.usedTaskId() : undefined;
    const first = launch(world, { framework, offer, step, reusedTaskId: reused });
    if (step.twist === "twice") launch(world, { framework, offer, step, reusedTaskId: undefined });
    if (step.twist === "killAtOnce" && first !== undefined) framework.send({ kind: "kill", taskId: first, agentId: offer.agentId });
  },
};

function chooseOffer(world: World, step: AcceptOfferStep): KnownOffer | undefined {
  const framework = world.framework(step.framework);
  const offers =
    step.twist === "foreignOffer"
      ? [...(world.otherFramework(step.framework)?.offers.values() ?? [])]
      : step.twist === "staleOffer"
        ? framework.oldOffers
        : [...framework.offers.values()];
  return offers.length === 0 ? undefined : at(offers, step.offer);
}

export function executorIdOf(framework: Framework, executor: number): string {
  return `${framework.name}-executor-${executor}`;
}

interface Launch {
  readonly framework: Framework;
  readonly offer: KnownOffer;
  readonly step: AcceptOfferStep;
  readonly reusedTaskId: string | undefined;
}

/** One ACCEPT; answers the id of its first task. */
function launch(world: World, { framework, offer, step, reusedTaskId }: Launch): string | undefined {
  const { agentId, offerId } = offer;
  const purse = new OfferPurse(offer.resources);
  const tasks = step.tasks.slice(0, fittingCount(offer, step)).map((task, index) => {
    const taskId = index === 0 && reusedTaskId !== undefined ? reusedTaskId : framework.newTaskId();
    const { durationMs, exitCode, ignoresSigterm, daemonCount } = task;
    const executor = world.cluster.hasExecutors === true ? (task.executor ?? undefined) : undefined;
    const watch = world.cluster.hasLooks === true && executor === undefined ? (task.watch ?? undefined) : undefined;
    const looks = watch === undefined ? {} : { looks: watch.looks };
    const plan = { durationMs: durationMs ?? undefined, exitCode, ignoresSigterm, daemonCount, ...looks };
    const command = world.cluster.taskCommand(plan, { frameworkId: framework.frameworkId ?? "", taskId, agentId });
    return {
      taskId,
      agentId,
      resources: taskResources(task, purse, { offer, step }),
      command: command.value,
      environment: command.environment,
      ...(executor !== undefined ? { executorId: executorIdOf(framework, executor) } : command.uris ? { uris: command.uris } : {}),
      ...(watch === undefined ? {} : { watch: toWatchJson(watch) }),
    };
  });
  const { refuseSeconds } = step;
  const offerIds = [offerId, ...furtherOffers(framework, offer, step)];
  framework.send(
    { kind: "accept", offerIds, tasks, refuseSeconds },
    step.twist === "staleStream" && framework.oldStreamId !== undefined ? { streamId: framework.oldStreamId } : {},
  );
  return tasks[0]?.taskId;
}

/** What does not belong beside the offer. */
function furtherOffers(framework: Framework, { agentId, role }: KnownOffer, { twist, offer }: AcceptOfferStep): readonly string[] {
  if (twist === "goodAndStaleOffer") return framework.oldOffers.length > 0 ? [at(framework.oldOffers, offer).offerId] : [];
  if (twist !== "mixedOffers") return [];
  const others = [...framework.offers.values()].filter((other) => other.agentId !== agentId || other.role !== role);
  return others.length > 0 ? [at(others, offer).offerId] : [];
}

/** How many of the tasks the offer has room for; at least one, which may be too much. */
function fittingCount(offer: KnownOffer, step: AcceptOfferStep): number {
  const purse = new OfferPurse(offer.resources);
  let cpusMilli = purse.milli("cpus");
  let memMilli = purse.milli("mem");
  let count = 0;
  for (const task of step.tasks) {
    cpusMilli -= task.cpusMilli;
    memMilli -= task.memMilli;
    if (cpusMilli < 0 || memMilli < 0) break;
    count++;
  }
  return Math.max(1, count);
}

function taskResources(
  task: TaskStep,
  purse: OfferPurse,
  { offer, step }: { offer: KnownOffer; step: AcceptOfferStep },
): readonly ResourceJson[] {
  const cpusMilli = step.twist === "tooMuch" ? purse.milli("cpus") + 1_000 : task.cpusMilli;
  // A task with an executor has no volumes of its own.
  const isFree = task.usesShared === true && (task.executor ?? null) === null;
  const shared = isFree ? purse.entries.filter((entry) => entry.shared === true) : [];
  return [...purse.take("cpus", cpusMilli, offer.role), ...purse.take("mem", task.memMilli, offer.role), ...shared];
}

/** Sequences of steps for fast-check: drawn by weight, shrinking to fewer and simpler steps. */

import fc from "fast-check";
import { commandFor, commands, runStep, type Step, type StepKind } from "./catalog.ts";
import { faultCommand } from "./commands/fault.ts";
import type { World } from "./world.ts";

/** How often each kind of step is drawn; a kind without a weight is left out. */
export type StepWeights = Readonly<Partial<Record<StepKind, number>>>;

/** A healthy mixture: enough time and subscriptions that the rest has something to act on. */
export const usualWeights = {
  subscribe: 6,
  dropStream: 2,
  callOnOldStream: 2,
  teardown: 1,
  acceptOffer: 26,
  declineOffer: 6,
  revive: 2,
  suppress: 1,
  updateFramework: 2,
  request: 1,
  answerInverseOffers: 10,
  killTask: 6,
  launchGroup: 6,
  changeResources: 12,
  messageExecutor: 1,
  shutdownExecutor: 11,
  impersonateAgent: 2,
  acknowledge: 8,
  acknowledgeOperation: 3,
  reconcile: 3,
  reconcileOperations: 2,
  advanceTime: 36,
  snapshot: 5,
  fault: 10,
  drainAgent: 1,
  deactivateAgent: 1,
  reactivateAgent: 2,
  markAgentGone: 1,
  updateSchedule: 10,
  startMaintenance: 4,
  stopMaintenance: 4,
  askMaintenance: 3,
  orderTeardown: 1,
  orderKill: 5,
  orderResources: 5,
  changeQuota: 9,
  updateWeights: 1,
  askRoles: 1,
} as const satisfies Record<StepKind, number>;

export interface StepsOptions {
  readonly weights: StepWeights;
  readonly faultNames: readonly string[];
  /** As in `FaultChoice`. */
  readonly silenceMs?: number;
  readonly minCount: number;
  readonly maxCount: number;
}

export function stepsArbitrary({ weights, faultNames, silenceMs, minCount, maxCount }: StepsOptions): fc.Arbitrary<Step[]> {
  const choices: { weight: number; arbitrary: fc.Arbitrary<Step> }[] = [];
  for (const [kind, command] of Object.entries(commands)) {
    const weight = weights[kind as StepKind] ?? 0;
    if (weight > 0) choices.push({ weight, arbitrary: command.arbitrary });
  }
  const faultWeight = weights.fault ?? 0;
  if (faultWeight > 0 && faultNames.length > 0) {
    const choice = silenceMs === undefined ? { names: faultNames } : { names: faultNames, silenceMs };
    choices.push({ weight: faultWeight, arbitrary: faultCommand(choice).arbitrary });
  }
  return fc.array(fc.oneof(...choices), { minLength: minCount, maxLength: maxCount, size: "max" });
}

/** A step as a command of fast-check's model runner; the world is model and system in one. */
export class StepCommand implements fc.AsyncCommand<World, World> {
  readonly step: Step;

  constructor(step: Step) {
    this.step = step;
  }

  check(world: Readonly<World>): boolean {
    return commandFor(this.step).check(world as World, this.step as never);
  }

  async run(_model: World, world: World): Promise<void> {
    await runStep(world, this.step);
  }

  toString(): string {
    return JSON.stringify(this.step);
  }
}

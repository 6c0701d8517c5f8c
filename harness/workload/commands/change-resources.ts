/** ACCEPT with an operation on resources, alone or with a task that uses what it made, and the ways in which it can be wrong. */

import fc from "fast-check";
import type { OperationJson } from "../../history/event.ts";
import { type CommandKind, position } from "../command.ts";
import type { Framework } from "../framework.ts";
import type { KnownOffer } from "../knowledge.ts";
import { OfferPurse } from "../offer-purse.ts";
import { type Change, changeBuilders, type OperationKind } from "../resource-changes.ts";
import { at, type World } from "../world.ts";

export interface ChangeResourcesStep {
  readonly kind: "changeResources";
  readonly framework: number;
  readonly offer: number;
  readonly operation: OperationKind;
  /** Which of the resources that it can be done to. */
  readonly resource: number;
  readonly milli: number;
  /** Whether the framework wants to hear how it ends. */
  readonly isNamed: boolean;
  /** Whether a volume that is made is for several tasks at once. Absent in older plans. */
  readonly isShared?: boolean;
  /** Whether a task of the same call uses what the operation made. */
  readonly launches: boolean;
  readonly twist: "none" | "tooMuch" | "otherRole" | "staleOffer";
  readonly refuseSeconds: number;
}

export const changeResources: CommandKind<ChangeResourcesStep> = {
  arbitrary: fc.record({
    kind: fc.constant("changeResources"),
    framework: position,
    offer: position,
    operation: fc.constantFrom(...(Object.keys(changeBuilders) as OperationKind[])),
    resource: position,
    milli: fc.constantFrom(500, 64_000, 1_000_000),
    isNamed: fc.boolean(),
    isShared: fc.boolean(),
    launches: fc.boolean(),
    twist: fc.oneof(
      { weight: 6, arbitrary: fc.constant("none" as const) },
      { weight: 1, arbitrary: fc.constantFrom("tooMuch" as const, "otherRole" as const, "staleOffer" as const) },
    ),
    refuseSeconds: fc.constantFrom(0, 0, 1, 5),
  }),
  check: (world, step) => world.framework(step.framework).isSubscribed && choose(world, step) !== undefined,
  run(world, step) {
    const framework = world.framework(step.framework);
    const chosen = choose(world, step);
    if (chosen === undefined) return;
    const { offer, change } = chosen;
    const purse = new OfferPurse(offer.resources);
    purse.change(change.consumed, change.converted);
    const tasks = step.launches ? [task(world, framework, { offer, purse, change })] : [];
    const operations = change.operations.map((operation) => named(framework, step, twisted(step, operation)));
    framework.send({ kind: "accept", offerIds: [offer.offerId], operations, tasks, refuseSeconds: step.refuseSeconds });
  },
};

/** A framework's offers are tried from the chosen one on, so that rare operations find something to act on. */
function choose(world: World, step: ChangeResourcesStep): { offer: KnownOffer; change: Change } | undefined {
  const framework = world.framework(step.framework);
  const offers = step.twist === "staleOffer" ? framework.oldOffers : [...framework.offers.values()];
  const volumeId = `${framework.name}-volume-${step.resource}`;
  for (let turn = 0; turn < offers.length; turn++) {
    const offer = at(offers, step.offer + turn);
    const { resources, role } = offer;
    const { resource, milli, isShared = false } = step;
    const change = changeBuilders[step.operation]({ resources, role, resource, milli, isShared, volumeId });
    if (change !== undefined) return { offer, change };
  }
  return undefined;
}

function named(framework: Framework, { isNamed }: ChangeResourcesStep, operation: Omit<OperationJson, "id">): OperationJson {
  return isNamed ? { ...operation, id: framework.operations.newId(framework.name) } : operation;
}

function twisted({ twist }: ChangeResourcesStep, operation: Omit<OperationJson, "id">): Omit<OperationJson, "id"> {
  switch (twist) {
    case "tooMuch":
      return { ...operation, resources: operation.resources.map((entry) => ({ ...entry, milli: 1e9 })) };
    case "otherRole": {
      const reservations = [{ role: "somebody-else", dynamic: true }];
      return { ...operation, resources: operation.resources.map((entry) => ({ ...entry, reservations })) };
    }
    case "none":
    case "staleOffer":
      return operation;
  }
}

function task(world: World, framework: Framework, { offer, purse, change }: { offer: KnownOffer; purse: OfferPurse; change: Change }) {
  const { agentId } = offer;
  const taskId = framework.newTaskId();
  const plan = { durationMs: 1_000, exitCode: 0, ignoresSigterm: false, daemonCount: 0 };
  const command = world.cluster.taskCommand(plan, { frameworkId: framework.frameworkId ?? "", taskId, agentId });
  const volumes = change.operations.at(-1)?.kind === "create" ? change.converted : [];
  const resources = [...purse.take("cpus", taskCpusMilli, offer.role), ...purse.take("mem", taskMemMilli, offer.role), ...volumes];
  return { taskId, agentId, resources, command: command.value, environment: command.environment };
}

const taskCpusMilli = 100;
const taskMemMilli = 32_000;

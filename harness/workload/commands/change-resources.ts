/** ACCEPT with an operation on resources, alone or with a task that uses what it made, and the ways in which it can be wrong. */

import fc from "fast-check";
import type { ResourceOperation } from "../../../common/resource-operations.ts";
import type { OperationJson } from "../../history/event.ts";
import { isWhole, type ResourceJson } from "../../history/resource-json.ts";
import { type CommandKind, position } from "../command.ts";
import type { Framework } from "../framework.ts";
import type { KnownOffer } from "../knowledge.ts";
import { OfferPurse } from "../offer-purse.ts";
import { at, type World } from "../world.ts";

type OperationKind = ResourceOperation["kind"];

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

interface Change {
  /** The wanted one last; those before make what it needs. */
  readonly operations: readonly Omit<OperationJson, "id">[];
  readonly consumed: readonly ResourceJson[];
  readonly converted: readonly ResourceJson[];
}

interface Choice {
  readonly offer: KnownOffer;
  readonly step: ChangeResourcesStep;
  readonly volumeId: string;
}

/** An operation that the offer allows; undefined when it has nothing that it can be done to. A new operation does not compile without. */
const builders = { reserve, unreserve, create, destroy, growVolume, shrinkVolume } as const satisfies Record<
  OperationKind,
  (choice: Choice) => Change | undefined
>;

export const changeResources: CommandKind<ChangeResourcesStep> = {
  arbitrary: fc.record({
    kind: fc.constant("changeResources"),
    framework: position,
    offer: position,
    operation: fc.constantFrom(...(Object.keys(builders) as OperationKind[])),
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
    const change = builders[step.operation]({ offer, step, volumeId });
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

function pick(entries: readonly ResourceJson[], { resource }: ChangeResourcesStep): ResourceJson | undefined {
  return entries.length === 0 ? undefined : at(entries, resource);
}

function isDynamic({ reservations = [] }: ResourceJson): boolean {
  return reservations.at(-1)?.dynamic === true;
}

function part(entry: ResourceJson, milli: number): ResourceJson {
  return isWhole(entry) ? entry : { ...entry, milli: Math.min(milli, entry.milli ?? 0) };
}

/** What is not reserved, or reserved for a role above, is reserved for the offer's role. */
function reserve({ offer, step }: Choice): Change | undefined {
  const { role } = offer;
  const candidates = offer.resources.filter(
    ({ milli, volume, reservations = [] }) => milli !== undefined && volume === undefined && reservations.at(-1)?.role !== role,
  );
  const entry = role === "" || role === "*" ? undefined : pick(candidates, step);
  if (entry === undefined) return undefined;
  const consumed = part(entry, step.milli);
  const reserved = { ...consumed, reservations: [...(entry.reservations ?? []), { role, dynamic: true }] };
  return { operations: [{ kind: "reserve", resources: [reserved] }], consumed: [consumed], converted: [reserved] };
}

function unreserve({ offer, step }: Choice): Change | undefined {
  const entry = pick(
    offer.resources.filter((one) => one.milli !== undefined && one.volume === undefined && isDynamic(one)),
    step,
  );
  if (entry === undefined) return undefined;
  const { reservations = [], ...rest } = entry;
  const below = reservations.slice(0, -1);
  const free = below.length === 0 ? rest : { ...rest, reservations: below };
  return { operations: [{ kind: "unreserve", resources: [entry] }], consumed: [entry], converted: [free] };
}

/** Reserved disk; where there is none, disk that the same call reserves first. */
function findDisk({ offer, step }: Choice): Change | undefined {
  const { role } = offer;
  const disks = offer.resources.filter(({ name, volume }) => name === "disk" && volume === undefined);
  const reserved = pick(
    disks.filter(({ reservations }) => reservations !== undefined),
    step,
  );
  if (reserved !== undefined) return { operations: [], consumed: [part(reserved, step.milli)], converted: [part(reserved, step.milli)] };
  const plain = role === "" || role === "*" ? undefined : pick(disks, step);
  if (plain === undefined) return undefined;
  const consumed = part(plain, step.milli);
  const converted = { ...consumed, reservations: [{ role, dynamic: true }] };
  return { operations: [{ kind: "reserve", resources: [converted] }], consumed: [consumed], converted: [converted] };
}

function volumes(offer: KnownOffer): ResourceJson[] {
  return offer.resources.filter(({ volume }) => volume !== undefined);
}

function create(choice: Choice): Change | undefined {
  const disk = findDisk(choice);
  if (disk === undefined) return undefined;
  const kind = choice.step.isShared === true ? ({ shared: true } as const) : {};
  const created = disk.converted.map((entry) => ({ ...entry, volume: choice.volumeId, ...kind }));
  return { operations: [...disk.operations, { kind: "create", resources: created }], consumed: disk.consumed, converted: created };
}

function destroy({ offer, step }: Choice): Change | undefined {
  const entry = pick(volumes(offer), step);
  if (entry === undefined) return undefined;
  const { volume: _volume, shared: _shared, ...disk } = entry;
  return { operations: [{ kind: "destroy", resources: [entry] }], consumed: [entry], converted: [disk] };
}

/** What it makes cannot be used by the same call, so nothing is put back into the purse. */
function growVolume(choice: Choice): Change | undefined {
  const volume = pick(volumes(choice.offer), choice.step);
  const disk = findDisk(choice);
  const addition = disk?.converted[0];
  if (volume === undefined || disk === undefined || addition === undefined) return undefined;
  const operations = [...disk.operations, { kind: "growVolume", resources: [volume], addition } as const];
  return { operations, consumed: [volume, ...disk.consumed], converted: [] };
}

function shrinkVolume({ offer, step }: Choice): Change | undefined {
  const volume = pick(
    volumes(offer).filter(({ milli = 0 }) => milli > 1),
    step,
  );
  if (volume === undefined) return undefined;
  const subtractMilli = Math.floor((volume.milli ?? 0) / 2);
  return { operations: [{ kind: "shrinkVolume", resources: [volume], subtractMilli }], consumed: [volume], converted: [] };
}

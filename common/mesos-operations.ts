/** Between mesos.v1.Offer.Operation and `ResourceOperation`, for those that tepui's agents can do. */

import type { Resource as MesosResource, Offer_Operation } from "../protos/gen/mesos/v1/mesos.ts";
import { assertNever } from "./assert.ts";
import { readResource, readResources, writeResource, writeResources } from "./mesos-resources.ts";
import type { Resource } from "./resource.ts";
import type { ResourceOperation } from "./resource-operations.ts";
import type { Resources } from "./resources.ts";
import { type Result, refuse, succeed } from "./result.ts";
import { scalarProblem } from "./value-rules.ts";
import { fromMilli, toMilli } from "./values.ts";

/** The numbers of mesos.v1.Offer.Operation.Type. */
const typeNumbers = { reserve: 2, unreserve: 3, create: 4, destroy: 5, growVolume: 11, shrinkVolume: 12 } as const satisfies Record<
  ResourceOperation["kind"],
  number
>;

const kindsByNumber: ReadonlyMap<number, ResourceOperation["kind"]> = new Map(
  Object.entries(typeNumbers).map(([kind, number]) => [number, kind as ResourceOperation["kind"]]),
);

/** Which of these operations a type stands for; undefined for launches and for what needs resource providers. */
export function resourceOperationKind(type: number | undefined): ResourceOperation["kind"] | undefined {
  return type === undefined ? undefined : kindsByNumber.get(type);
}

/** Reads an operation of the kind; `path` names it in the refusal. */
export function readOperation(message: Offer_Operation, kind: ResourceOperation["kind"], path: string): Result<ResourceOperation> {
  switch (kind) {
    case "reserve": {
      const { reserve } = message;
      if (reserve === undefined) return invalid(`${path}.reserve`, "must be set");
      const source = readResources(reserve.source, `${path}.reserve.source`);
      if (!source.ok) return source;
      return withList(reserve.resources, `${path}.reserve.resources`, (resources) => ({ kind, source: source.value, resources }));
    }
    case "unreserve":
      if (message.unreserve === undefined) return invalid(`${path}.unreserve`, "must be set");
      return withList(message.unreserve.resources, `${path}.unreserve.resources`, (resources) => ({ kind, resources }));
    case "create":
      if (message.create === undefined) return invalid(`${path}.create`, "must be set");
      return withList(message.create.volumes, `${path}.create.volumes`, (volumes) => ({ kind, volumes }));
    case "destroy":
      if (message.destroy === undefined) return invalid(`${path}.destroy`, "must be set");
      return withList(message.destroy.volumes, `${path}.destroy.volumes`, (volumes) => ({ kind, volumes }));
    case "growVolume":
      return readGrow(message, `${path}.grow_volume`);
    case "shrinkVolume":
      return readShrink(message, `${path}.shrink_volume`);
    default:
      return assertNever(kind);
  }
}

/** Writes an operation with whole stacks of reservations. */
export function writeOperation(operation: ResourceOperation, operationId: string | undefined): Offer_Operation {
  return {
    type: typeNumbers[operation.kind],
    ...(operationId === undefined ? {} : { id: { value: operationId } }),
    ...writeBody(operation),
  };
}

function writeBody(operation: ResourceOperation): Partial<Offer_Operation> {
  switch (operation.kind) {
    case "reserve":
      return { reserve: { source: writeStacks(operation.source), resources: writeStacks(operation.resources) } };
    case "unreserve":
      return { unreserve: { resources: writeStacks(operation.resources) } };
    case "create":
      return { create: { volumes: writeStacks(operation.volumes) } };
    case "destroy":
      return { destroy: { volumes: writeStacks(operation.volumes) } };
    case "growVolume":
      return { growVolume: { volume: writeResource(operation.volume, "stack"), addition: writeResource(operation.addition, "stack") } };
    case "shrinkVolume":
      return {
        shrinkVolume: { volume: writeResource(operation.volume, "stack"), subtract: { value: fromMilli(operation.subtractMilli) } },
      };
    default:
      return assertNever(operation);
  }
}

function readGrow({ growVolume }: Offer_Operation, path: string): Result<ResourceOperation> {
  if (growVolume === undefined) return invalid(path, "must be set");
  const volume = readOne(growVolume.volume, `${path}.volume`);
  if (!volume.ok) return volume;
  const addition = readOne(growVolume.addition, `${path}.addition`);
  return addition.ok ? succeed({ kind: "growVolume", volume: volume.value, addition: addition.value }) : addition;
}

function readShrink({ shrinkVolume }: Offer_Operation, path: string): Result<ResourceOperation> {
  if (shrinkVolume === undefined) return invalid(path, "must be set");
  const volume = readOne(shrinkVolume.volume, `${path}.volume`);
  if (!volume.ok) return volume;
  const amount = shrinkVolume.subtract?.value;
  const problem = amount === undefined ? "must be set" : scalarProblem("disk", amount);
  if (problem !== undefined || amount === undefined) return invalid(`${path}.subtract`, problem ?? "must be set");
  return succeed({ kind: "shrinkVolume", volume: volume.value, subtractMilli: toMilli(amount) });
}

function readOne(message: MesosResource | undefined, path: string): Result<Resource> {
  return message === undefined ? invalid(path, "must be set") : readResource(message, path);
}

function withList(
  messages: readonly MesosResource[],
  path: string,
  build: (resources: Resources) => ResourceOperation,
): Result<ResourceOperation> {
  const resources = readResources(messages, path);
  if (!resources.ok) return resources;
  return resources.value.length === 0 ? invalid(path, "must not be empty") : succeed(build(resources.value));
}

function writeStacks(resources: Resources): MesosResource[] {
  return writeResources(resources, "stack");
}

function invalid(path: string, rule: string): ReturnType<typeof refuse> {
  return refuse("INVALID_ARGUMENT", `${path} ${rule}`);
}

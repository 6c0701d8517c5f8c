/**
 * Resources as an operator writes them: `cpus:4;mem:1024;ports:[31000-32000];zones:{a,b}`, with a statically reserved entry as
 * `cpus(role):4`; or the JSON form, a list of mesos.v1.Resource. The counterpart, `describeResources`, is with the algebra.
 */

import { Resource as MesosResource } from "../protos/gen/mesos/v1/mesos.ts";
import { readResources, resourcesMax } from "./mesos-resources.ts";
import { type Resource, type Resources, toResources } from "./resources.ts";
import { type Result, refuse, succeed } from "./result.ts";
import { defaultRole, roleProblem } from "./roles.ts";
import { parseValue, splitPairs } from "./value-text.ts";

/** Reads either form. The refusal gives the reason only; the caller names the flag. */
export function parseResources(text: string): Result<Resources> {
  const parsed = text.trim().startsWith("[") ? parseJson(text) : parsePairs(text);
  if (!parsed.ok) return parsed;
  for (const entry of parsed.value) {
    const problem = flagProblem(entry);
    if (problem !== undefined) return refuse("INVALID_ARGUMENT", `${entry.name} ${problem}`);
  }
  return parsed;
}

/** What only operations and offers make of a resource cannot be written down beforehand. */
function flagProblem({ reservations, disk, shared, allocationRole, copies }: Resource): string | undefined {
  if (reservations.some(({ type }) => type === "DYNAMIC")) return "must not be reserved dynamically: RESERVE does that";
  if (disk?.persistence !== undefined) return "must not be a persistent volume: CREATE makes one";
  if (copies !== undefined) return `on a MOUNT disk must be named once, ${disk?.source?.root} is there ${copies} times`;
  if (shared === true) return "must not be shared: only persistent volumes are";
  return allocationRole === undefined ? undefined : "must not be allocated: offers do that";
}

function parsePairs(text: string): Result<Resources> {
  const pairs = splitPairs(text);
  if (!pairs.ok) return pairs;
  if (pairs.value.length > resourcesMax) {
    return refuse("INVALID_ARGUMENT", `must have at most ${resourcesMax} entries, has ${pairs.value.length}`);
  }
  const entries: Resource[] = [];
  for (const pair of pairs.value) {
    const [, name, role] = /^([^()]+)(?:\((.*)\))?$/.exec(pair.name) ?? [];
    if (name === undefined) return refuse("INVALID_ARGUMENT", `must be named "name" or "name(role)", has "${pair.name.slice(0, 100)}"`);
    const problem = role === undefined ? undefined : roleProblem(role);
    if (problem !== undefined) return refuse("INVALID_ARGUMENT", `role of ${name} ${problem}`);
    const value = parseValue(name, pair.value);
    if (value === undefined) {
      return refuse("INVALID_ARGUMENT", `${name} must be a number, [ranges] or a {set}, is "${pair.value.slice(0, 100)}"`);
    }
    if (!value.ok) return value;
    const reservations = role === undefined || role === defaultRole ? [] : [{ type: "STATIC", role } as const];
    entries.push({ name: name.trim(), value: value.value, reservations });
  }
  return succeed(toResources(entries));
}

function parseJson(text: string): Result<Resources> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    return refuse("INVALID_ARGUMENT", `must be valid JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!Array.isArray(parsed)) return refuse("INVALID_ARGUMENT", "must be a JSON list of resources");
  const messages: MesosResource[] = [];
  for (const [index, item] of parsed.entries()) {
    const problem = findJsonProblem(item);
    if (problem !== undefined) return refuse("INVALID_ARGUMENT", `resources[${index}]${problem}`);
    try {
      messages.push(MesosResource.fromJSON(item));
    } catch (error) {
      return refuse(
        "INVALID_ARGUMENT",
        `resources[${index}] must be a mesos.v1.Resource: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
  return readResources(messages, "resources");
}

/** What the generated reader would take in silence. */
function findJsonProblem(item: unknown): string | undefined {
  if (typeof item !== "object" || item === null) return " must be an object";
  const { name, type } = item as { readonly name?: unknown; readonly type?: unknown };
  if (typeof name !== "string") return ".name must be a text";
  return typeof type === "string" && /^(SCALAR|RANGES|SET)$/.test(type) ? undefined : ".type must be SCALAR, RANGES or SET";
}

/**
 * What an operator gave an agent, and how much of it may change while the agent keeps its id and its tasks: frameworks decided by it
 * where they run what. Source: Mesos src/slave/compatibility.cpp.
 */

import type { Attribute } from "../../common/attributes.ts";
import type { FaultDomain } from "../../common/fault-domain.ts";
import { containsResources, describeResources, type Resources } from "../../common/resources.ts";
import { compareText, containsValue, describeValue } from "../../common/values.ts";

export interface AgentConfiguration {
  readonly hostname: string;
  /** Undefined for any that is free. */
  readonly port: number | undefined;
  readonly domain: FaultDomain | undefined;
  readonly attributes: readonly Attribute[];
  /** Those that were named. What was found on the machine is not among them: it follows the machine. */
  readonly resources: Resources;
}

/** "equal": nothing may change. "additive": resources and attributes may grow, and a domain may come. */
export type ReconfigurationPolicy = "equal" | "additive";

export interface ForbiddenChange {
  /** The flag. */
  readonly name: string;
  readonly before: string;
  readonly now: string;
}

/** The first change that the policy does not allow. */
export function forbiddenChange(
  before: AgentConfiguration,
  now: AgentConfiguration,
  policy: ReconfigurationPolicy,
): ForbiddenChange | undefined {
  for (const { name, describe, mayGrow } of fields) {
    if (describe(before) === describe(now) || (policy === "additive" && mayGrow?.(before, now) === true)) continue;
    return { name, before: describe(before), now: describe(now) };
  }
  return undefined;
}

export function isSameConfiguration(before: AgentConfiguration, now: AgentConfiguration): boolean {
  return forbiddenChange(before, now, "equal") === undefined;
}

interface Field {
  readonly name: string;
  readonly describe: (configuration: AgentConfiguration) => string;
  /** Whether the change only adds; absent where none does. */
  readonly mayGrow?: (before: AgentConfiguration, now: AgentConfiguration) => boolean;
}

const fields: readonly Field[] = [
  { name: "hostname", describe: ({ hostname }) => hostname },
  { name: "port", describe: ({ port }) => (port === undefined ? "any" : String(port)) },
  { name: "domain", describe: describeDomain, mayGrow: ({ domain }) => domain === undefined },
  {
    name: "attributes",
    describe: ({ attributes }) => orNone(attributes.map(describeAttribute).sort(compareText).join(";")),
    mayGrow: (before, now) => before.attributes.every((one) => now.attributes.some((other) => coversAttribute(other, one))),
  },
  {
    name: "resources",
    describe: ({ resources }) => orNone(resources.length === 0 ? "" : describeResources(resources)),
    mayGrow: (before, now) => containsResources(now.resources, before.resources),
  },
];

function describeDomain({ domain }: AgentConfiguration): string {
  return domain === undefined ? "none" : `${domain.region}/${domain.zone}`;
}

function describeAttribute({ name, value }: Attribute): string {
  return `${name}:${value.kind === "text" ? value.text : describeValue(value)}`;
}

function coversAttribute(attribute: Attribute, before: Attribute): boolean {
  const [value, was] = [attribute.value, before.value];
  if (attribute.name !== before.name) return false;
  if (value.kind === "text" || was.kind === "text") return value.kind === "text" && was.kind === "text" && value.text === was.text;
  return containsValue(value, was);
}

function orNone(text: string): string {
  return text === "" ? "none" : text;
}

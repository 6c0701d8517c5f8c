/** What the master reads of an AgentInfo, whether it comes from an agent or from the registry. */

import { attributesMax } from "../../common/attributes.ts";
import type { Uuid } from "../../common/ids.ts";
import { readResources, readValue } from "../../common/mesos-resources.ts";
import { type Result, succeed } from "../../common/result.ts";
import { type AgentInfo, type AgentInfo_Capability, type Attribute, Value_Type } from "../../protos/gen/mesos/v1/mesos.ts";
import type { AgentDescription } from "../core/agent-message.ts";
import { refuseArgument } from "./rules.ts";

/** Longest name in DNS. */
export const hostnameMaxLength = 253;

/** What comes with an AgentInfo. */
export interface AgentAddition {
  readonly version: string | undefined;
  readonly credential: Uuid | undefined;
  /** Where its link came from; known only of one in the registry. */
  readonly ip?: string | undefined;
  readonly capabilities?: readonly AgentInfo_Capability[] | undefined;
}

/** Reads the description; `path` names the message in the refusal. */
export function describeAgent(
  info: AgentInfo,
  { version, credential, ip, capabilities = [] }: AgentAddition,
  path: string,
): Result<AgentDescription> {
  const { hostname, attributes } = info;
  if (hostname === "") return refuseArgument(`${path}.hostname must not be empty`);
  if (hostname.length > hostnameMaxLength) {
    return refuseArgument(`${path}.hostname must have at most ${hostnameMaxLength} characters, has ${hostname.length}`);
  }
  const resources = readResources(info.resources, `${path}.resources`);
  if (!resources.ok) return resources;
  const allocated = resources.value.find((entry) => entry.allocationRole !== undefined);
  if (allocated !== undefined) {
    return refuseArgument(`${path}.resources must not be allocated, ${allocated.name} is to "${allocated.allocationRole}"`);
  }
  if (attributes.length > attributesMax) {
    return refuseArgument(`${path}.attributes must have at most ${attributesMax} entries, has ${attributes.length}`);
  }
  for (const [index, attribute] of attributes.entries()) {
    const problem = findAttributeProblem(attribute, `${path}.attributes[${index}]`);
    if (problem !== undefined) return refuseArgument(problem);
  }
  const types = capabilities.map(({ type }) => type).filter((type) => type !== undefined);
  const described = { hostname, resources: resources.value, version: version ?? "", info, ip, credential };
  return succeed(types.length === 0 ? described : { ...described, capabilities: types });
}

function findAttributeProblem(attribute: Attribute, path: string): string | undefined {
  if (attribute.name === "") return `${path}.name must not be empty`;
  if (attribute.type === Value_Type.TEXT) return attribute.text === undefined ? `${path}.text must be set` : undefined;
  const value = readValue(attribute, attribute.name, path);
  return value.ok ? undefined : value.refusal.message;
}

/** What an operator gave an agent, as the AgentInfo that its checkpoint keeps. */

import { readAttributes, writeAttributes } from "../../common/attributes.ts";
import { readFaultDomain, writeFaultDomain } from "../../common/fault-domain.ts";
import { readResources, writeResources } from "../../common/mesos-resources.ts";
import { type Result, succeed } from "../../common/result.ts";
import { AgentInfo } from "../../protos/gen/mesos/v1/mesos.ts";
import type { AgentConfiguration } from "../core/configuration.ts";

export function writeConfiguration({ hostname, port, domain, attributes, resources }: AgentConfiguration): AgentInfo {
  return AgentInfo.fromPartial({
    hostname,
    port,
    domain: domain && writeFaultDomain(domain),
    attributes: writeAttributes(attributes),
    resources: writeResources(resources, "stack"),
  });
}

export function readConfiguration({ hostname, port, domain, ...message }: AgentInfo): Result<AgentConfiguration> {
  const attributes = readAttributes(message.attributes, "given.attributes");
  if (!attributes.ok) return attributes;
  const resources = readResources(message.resources, "given.resources");
  if (!resources.ok) return resources;
  return succeed({ hostname, port, domain: readFaultDomain(domain), attributes: attributes.value, resources: resources.value });
}

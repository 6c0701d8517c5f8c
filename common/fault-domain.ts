/** Where a master or an agent stands: a zone in a region. Operators write it as the JSON of mesos.v1.DomainInfo. */

import { DomainInfo } from "../protos/gen/mesos/v1/mesos.ts";
import { type Result, refuse, succeed } from "./result.ts";

export interface FaultDomain {
  readonly region: string;
  readonly zone: string;
}

const example = '{"fault_domain":{"region":{"name":"north"},"zone":{"name":"a"}}}';

/** Reads the flag's text. The refusal gives the reason only; the caller names the flag. */
export function parseFaultDomain(text: string): Result<FaultDomain> {
  const domain = readFaultDomain(readJson(text));
  return domain === undefined ? refuse("INVALID_ARGUMENT", `must be like ${example}`) : succeed(domain);
}

export function writeFaultDomain({ region, zone }: FaultDomain): DomainInfo {
  return { faultDomain: { region: { name: region }, zone: { name: zone } } };
}

/** Undefined when region or zone are missing. */
export function readFaultDomain(message: DomainInfo | undefined): FaultDomain | undefined {
  const region = message?.faultDomain?.region?.name ?? "";
  const zone = message?.faultDomain?.zone?.name ?? "";
  return region === "" || zone === "" ? undefined : { region, zone };
}

function readJson(text: string): DomainInfo | undefined {
  try {
    return DomainInfo.fromJSON(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/**
 * Machines as operators name them: by hostname, by address or by both. A name with one of them is the machine of every agent that has
 * it. An agent's address is where its link comes from, as this master sees it.
 */

/** At least one of both. */
export interface MachineId {
  /** In lower case. */
  readonly hostname: string | undefined;
  /** As `canonicalIp` spells it. */
  readonly ip: string | undefined;
}

/** Equal for equal machines. Hostnames have no spaces. */
export function machineKey({ hostname = "", ip = "" }: MachineId): string {
  return `${hostname} ${ip}`;
}

/** For people: "a.example (10.0.0.1)". */
export function describeMachine({ hostname, ip }: MachineId): string {
  if (hostname === undefined) return ip ?? "";
  return ip === undefined ? hostname : `${hostname} (${ip})`;
}

/** The keys under which the machine of an agent may be scheduled, most specific first. */
export function keysOfAgent({ hostname, ip }: { readonly hostname: string; readonly ip?: string | undefined }): string[] {
  const name = hostname.toLowerCase();
  const byName = machineKey({ hostname: name, ip: undefined });
  if (ip === undefined) return [byName];
  return [machineKey({ hostname: name, ip }), byName, machineKey({ hostname: undefined, ip })];
}

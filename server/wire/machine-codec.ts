/** Machines and their windows, between mesos.v1 and the core. */

import { canonicalIp } from "../../common/ip-address.ts";
import { type Result, succeed } from "../../common/result.ts";
import type { MachineID, Unavailability as UnavailabilityMessage } from "../../protos/gen/mesos/v1/mesos.ts";
import { describeMachine, type MachineId, machineKey } from "../core/maintenance/machine.ts";
import type { Unavailability } from "../core/maintenance/schedule.ts";
import { hostnameMaxLength } from "./describe-agent.ts";
import { scheduledMachinesMax } from "./limits.ts";
import { findDurationProblem, refuseArgument } from "./rules.ts";

/** The machines of one call. Each may be named once, however it is named, in all lists of the call together. */
export class MachineReader {
  readonly #paths = new Map<string, string>();
  /** By hostname alone, and by address alone: where a machine is named by both. */
  readonly #parts = new Map<string, string>();

  /** Reads a list that must not be empty. */
  read(path: string, messages: readonly MachineID[]): Result<MachineId[]> {
    if (messages.length === 0) return refuseArgument(`${path} must not be empty`);
    const machines: MachineId[] = [];
    for (const [index, message] of messages.entries()) {
      const machine = readMachineId(message, `${path}[${index}]`);
      if (!machine.ok) return machine;
      const problem = this.#take(machine.value, `${path}[${index}]`);
      if (problem !== undefined) return refuseArgument(problem);
      machines.push(machine.value);
    }
    return succeed(machines);
  }

  #take(machine: MachineId, path: string): string | undefined {
    if (this.#paths.size >= scheduledMachinesMax) return `${path} must not be there, machines must be at most ${scheduledMachinesMax}`;
    const { hostname, ip } = machine;
    const parts =
      hostname === undefined || ip === undefined
        ? []
        : [
            { hostname, ip: undefined },
            { hostname: undefined, ip },
          ].map(machineKey);
    const key = machineKey(machine);
    const taken = [key, ...parts].map((one) => this.#paths.get(one)).find((one) => one !== undefined) ?? this.#parts.get(key);
    if (taken !== undefined) return `${path} must not name a machine again, ${describeMachine(machine)} is in ${taken}`;
    this.#paths.set(key, path);
    for (const part of parts) this.#parts.set(part, path);
    return undefined;
  }
}

/** Hostnames in lower case, addresses in one spelling. */
export function readMachineId({ hostname = "", ip = "" }: MachineID, path: string): Result<MachineId> {
  if (hostname === "" && ip === "") return refuseArgument(`${path} must have a hostname or an ip`);
  if (hostname.length > hostnameMaxLength) {
    return refuseArgument(`${path}.hostname must have at most ${hostnameMaxLength} characters, has ${hostname.length}`);
  }
  if (/\s/.test(hostname)) return refuseArgument(`${path}.hostname must not have spaces, is "${hostname}"`);
  const address = ip === "" ? undefined : canonicalIp(ip);
  if (ip !== "" && address === undefined) return refuseArgument(`${path}.ip must be an IPv4 or IPv6 address, is "${ip}"`);
  return succeed({ hostname: hostname === "" ? undefined : hostname.toLowerCase(), ip: address });
}

/** Only the duration has a rule; a window may begin whenever it likes. */
export function readUnavailability(message: UnavailabilityMessage | undefined, path: string): Result<Unavailability> {
  if (message?.start === undefined) return refuseArgument(`${path}.start must be set`);
  const problem = findDurationProblem(`${path}.duration`, message.duration);
  if (problem !== undefined) return refuseArgument(problem);
  return succeed({ startNs: message.start.nanoseconds, durationNs: message.duration?.nanoseconds });
}

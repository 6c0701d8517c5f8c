/**
 * What a ContainerInfo must keep. The form is the reference's, and holds for every task. Beyond that a container that the agent runs may
 * only ask for what an agent can do without images, networks and namespaces of its own: the master answers a task that asks for more with
 * TASK_ERROR, and the agent, which may have another master, checks it once more. A problem names the field from the ContainerInfo on,
 * the rule and the value: "hostname must be absent: ...".
 */

import {
  type ContainerInfo,
  ContainerInfo_Type,
  type LinuxInfo,
  LinuxInfo_IpcMode,
  type NetworkInfo,
  type RLimitInfo_RLimit,
  RLimitInfo_RLimit_Type,
} from "../protos/gen/mesos/v1/mesos.ts";
import { findVolumesFormProblem, findVolumesProblem } from "./container-volumes.ts";
import { excerpt } from "./excerpt.ts";

/** Whose container it is. */
export type ContainerOwner =
  /** Of a command task. */
  | "task"
  /** Of a task that a default executor runs. */
  | "groupMember"
  /** Of an executor with a program. */
  | "executor"
  /** Of a default executor, which has no process of its own. */
  | "defaultExecutor";

/** The first rule of form that the container breaks. Source: Mesos common/validation.cpp, validateContainerInfo. */
export function findContainerFormProblem({ type, volumes, docker }: ContainerInfo): string | undefined {
  const problem = findVolumesFormProblem(volumes);
  if (problem !== undefined || type !== ContainerInfo_Type.DOCKER) return problem;
  if (docker === undefined) return "docker must be set for the type DOCKER";
  const name = docker.parameters.findIndex(({ key }) => key === "name");
  return name < 0 ? undefined : `docker.parameters[${name}].key must not be "name"`;
}

/** The first thing that a container of a good form asks for and no agent can do. */
export function findContainerProblem(container: ContainerInfo, owner: ContainerOwner): string | undefined {
  const { type, docker, mesos, hostname, ttyInfo, volumes, networkInfos, linuxInfo, rlimitInfo } = container;
  if (type !== ContainerInfo_Type.MESOS) return "type must be MESOS: no agent runs containers of Docker, is DOCKER";
  if (docker !== undefined) return "docker must be absent for the type MESOS";
  if (mesos?.image !== undefined) return "mesos.image must be absent: no agent has images";
  if (hostname !== undefined) return `hostname must be absent: a container has that of its machine, is "${excerpt(hostname)}"`;
  if (ttyInfo !== undefined) return "tty_info must be absent: only sessions of operators have a terminal";
  const isProcess = owner !== "defaultExecutor";
  if (!isProcess && volumes.length > 0)
    return `volumes must be empty: a default executor has no process to see them, has ${volumes.length}`;
  if (!isProcess && rlimitInfo !== undefined) return "rlimit_info must be absent: a default executor has no process to be limited";
  if ((owner === "executor" || !isProcess) && linuxInfo?.shareCgroups === true)
    return "linux_info.share_cgroups must not be true for an executor: there is nothing around it";
  return (
    findVolumesProblem(volumes, owner === "groupMember") ??
    findNetworkProblem(networkInfos) ??
    (linuxInfo && findLinuxProblem(linuxInfo)) ??
    (rlimitInfo && findLimitsProblem(rlimitInfo.rlimits))
  );
}

/** Limits of the kernel for a process, by their number in the protocol: as setrlimit has them, in lower case and without RLIMIT_. */
export const processLimitNames: ReadonlyMap<number, string> = new Map(
  Object.entries(RLimitInfo_RLimit_Type).flatMap(([name, number]) =>
    typeof number === "number" && name.startsWith("RLMT_") ? [[number, name.slice("RLMT_".length).toLowerCase()]] : [],
  ),
);

/** An entry without a name is the network of the machine, which is what a container has without any, too. */
function findNetworkProblem(networks: readonly NetworkInfo[]): string | undefined {
  const because = "a container shares the network of its machine";
  for (const [index, { name, ipAddresses, groups, labels, portMappings }] of networks.entries()) {
    const path = `network_infos[${index}]`;
    if (name !== undefined) return `${path}.name must be absent: ${because}, is "${excerpt(name)}"`;
    if (labels !== undefined) return `${path}.labels must be absent: ${because}`;
    for (const [field, entries] of Object.entries({ ip_addresses: ipAddresses, groups, port_mappings: portMappings })) {
      if (entries.length > 0) return `${path}.${field} must be empty: ${because}, has ${entries.length} entries`;
    }
  }
  return undefined;
}

/** What a process of the machine has anyway may be said; the cgroups are for whoever knows the group. */
function findLinuxProblem({ shareCgroups: _, ...info }: LinuxInfo): string | undefined {
  if (info.sharePidNamespace === false) return "linux_info.share_pid_namespace must not be false: all containers of an agent share one";
  if (info.ipcMode !== undefined && info.ipcMode !== LinuxInfo_IpcMode.SHARE_PARENT) {
    return `linux_info.ipc_mode must be SHARE_PARENT: all containers of an agent share one namespace, is ${nameOfIpcMode(info.ipcMode)}`;
  }
  if (info.shmSize !== undefined) return `linux_info.shm_size must be absent: a container has that of its machine, is ${info.shmSize}`;
  if (info.seccomp?.profileName !== undefined) {
    return `linux_info.seccomp.profile_name must be absent: no agent has profiles, is "${excerpt(info.seccomp.profileName)}"`;
  }
  if (info.seccomp?.unconfined === false) return "linux_info.seccomp.unconfined must not be false: no agent has a default profile";
  for (const [field, value] of Object.entries({
    capability_info: info.capabilityInfo,
    bounding_capabilities: info.boundingCapabilities,
    effective_capabilities: info.effectiveCapabilities,
  })) {
    if (value !== undefined) return `linux_info.${field} must be absent: a container has the capabilities of its user`;
  }
  return undefined;
}

function nameOfIpcMode(mode: number): string {
  return Object.entries(LinuxInfo_IpcMode).find(([, number]) => number === mode)?.[0] ?? String(mode);
}

/** Without values a resource is unlimited. */
function findLimitsProblem(limits: readonly RLimitInfo_RLimit[]): string | undefined {
  const seen = new Set<number>();
  for (const [index, { type, soft, hard }] of limits.entries()) {
    const path = `rlimit_info.rlimits[${index}]`;
    const name = processLimitNames.get(type ?? RLimitInfo_RLimit_Type.UNKNOWN);
    if (type === undefined || name === undefined) return `${path}.type must be set`;
    if (seen.has(type)) return `${path}.type must not be that of another entry, is RLMT_${name.toUpperCase()}`;
    seen.add(type);
    if ((soft === undefined) !== (hard === undefined)) return `${path} must have both soft and hard, or none of them`;
    if (soft !== undefined && hard !== undefined && soft > hard) return `${path}.soft must not be above hard, ${hard}, is ${soft}`;
  }
  return undefined;
}

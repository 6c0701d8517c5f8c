/** What a task asks of the container around it, as far as tepui has that: a cgroup of its own, or that of its group. */

import { type ContainerInfo, ContainerInfo_Type, type TaskInfo } from "../protos/gen/mesos/v1/mesos.ts";

/** Whether the container asks for nothing but its own cgroup, or none: an agent gives each task its own wherever there are cgroups. */
export function isPlainContainer({ type, linuxInfo, ...rest }: ContainerInfo): boolean {
  const { shareCgroups: _, ...more } = linuxInfo ?? {};
  const isEmpty = [...Object.values(rest), ...Object.values(more)].every(
    (value) => value === undefined || (Array.isArray(value) && value.length === 0),
  );
  return type === ContainerInfo_Type.MESOS && isEmpty;
}

/** True is the protocol's default. */
export function sharesCgroups(task: Pick<TaskInfo, "container">): boolean {
  return task.container?.linuxInfo?.shareCgroups ?? true;
}

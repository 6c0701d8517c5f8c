/**
 * Ids of containers within containers: the id of the outer one, a dot, and a name of its own, which has no dot. On the wire each
 * container names the one around it.
 */

import type { ContainerID } from "../protos/gen/mesos/v1/mesos.ts";
import { ContainerId } from "./ids.ts";

export function nestedContainerId(parent: ContainerId, name: string): ContainerId {
  return ContainerId(`${parent}.${name}`);
}

/** The container around this one; undefined for one that stands alone. */
export function parentContainerId(containerId: ContainerId): ContainerId | undefined {
  const dot = containerId.lastIndexOf(".");
  return dot < 0 ? undefined : ContainerId(containerId.slice(0, dot));
}

export function writeContainerId(containerId: ContainerId): ContainerID {
  const parent = parentContainerId(containerId);
  if (parent === undefined) return { value: containerId };
  return { value: containerId.slice(parent.length + 1), parent: writeContainerId(parent) };
}

export function readContainerId({ value, parent }: ContainerID): ContainerId {
  return parent === undefined ? ContainerId(value) : nestedContainerId(readContainerId(parent), value);
}

/** What the RPCs about nested containers need of the agent, and how a launch is put together from that and its request. */

import type { ContainerId } from "../../common/ids.ts";
import { type Result, refuse, succeed } from "../../common/result.ts";
import type { NestedContainers, NestedRequest } from "../containers/nested-containers.ts";
import type { Surroundings } from "../core/surroundings.ts";
import { decodeLaunch, type LaunchName } from "../wire/nested-calls.ts";

export interface NestedAccess {
  readonly nested: NestedContainers;
  /** Of a container of the agent's own; undefined where there is none. */
  surroundingsOf(containerId: ContainerId): Surroundings | undefined;
}

/** `access` answers undefined while the agent recovers. */
export type FindAccess = () => NestedAccess | undefined;

export const recovers = refuse("UNAVAILABLE", "the agent recovers");

/** What is needed to launch, or why it cannot be. */
export function prepareLaunch(
  access: NestedAccess | undefined,
  name: LaunchName,
  bytes: Uint8Array,
): Result<NestedRequest & { readonly nested: NestedContainers }> {
  const decoded = decodeLaunch(name, bytes);
  if (!decoded.ok) return decoded;
  if (access === undefined) return recovers;
  const { containerId, parentId } = decoded.value;
  if (access.surroundingsOf(containerId) !== undefined) return refuse("ALREADY_EXISTS", `container ${containerId} is that of a task`);
  const surroundings = access.surroundingsOf(parentId);
  if (surroundings === undefined) return refuse("NOT_FOUND", `container ${parentId} does not run`);
  return succeed({ ...decoded.value, surroundings, nested: access.nested });
}

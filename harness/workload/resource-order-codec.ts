/** An operator's order about the resources of an agent, from the history's form to a request. Each kind of change has an RPC of its own. */

import { encodeMessage } from "../../common/encode-message.ts";
import {
  Call_CreateVolumes,
  Call_DestroyVolumes,
  Call_GrowVolume,
  Call_ReserveResources,
  Call_ShrinkVolume,
  Call_UnreserveResources,
} from "../../protos/gen/mesos/v1/master/master.ts";
import type { OperationJson, ResourceOrderJson } from "../history/event.ts";
import { fromResourceJson } from "../history/resource-json.ts";

/** By the kind of the change. */
export const resourceRpcs = {
  reserve: "ReserveResources",
  unreserve: "UnreserveResources",
  create: "CreateVolumes",
  destroy: "DestroyVolumes",
  growVolume: "GrowVolume",
  shrinkVolume: "ShrinkVolume",
} as const satisfies Record<OperationJson["kind"], string>;

export function encodeResourceOrder({ agentId: id, operation }: ResourceOrderJson): Uint8Array {
  const agentId = { value: id };
  const resources = operation.resources.map(fromResourceJson);
  const [volume] = resources;
  switch (operation.kind) {
    case "reserve":
      return encodeMessage(Call_ReserveResources, { agentId, source: [], resources });
    case "unreserve":
      return encodeMessage(Call_UnreserveResources, { agentId, resources });
    case "create":
      return encodeMessage(Call_CreateVolumes, { agentId, volumes: resources });
    case "destroy":
      return encodeMessage(Call_DestroyVolumes, { agentId, volumes: resources });
    case "growVolume": {
      const addition = operation.addition === undefined ? undefined : fromResourceJson(operation.addition);
      return encodeMessage(Call_GrowVolume, { agentId, volume, addition });
    }
    case "shrinkVolume":
      return encodeMessage(Call_ShrinkVolume, { agentId, volume, subtract: { value: (operation.subtractMilli ?? 0) / 1_000 } });
    default:
      return operation.kind satisfies never;
  }
}

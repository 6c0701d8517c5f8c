/** Where the leader is, in the trailing metadata of a refusal by a master that does not lead. */

import { formatAddress } from "../../runtime/address.ts";
import type { Trailers } from "../../runtime/grpc/status.ts";
import type { CallRefusal } from "../core/effect.ts";

export function leaderTrailers({ leader }: CallRefusal): Trailers {
  if (leader === undefined) return [];
  return [
    ["tepui-leader", formatAddress(leader.hostname, leader.grpcPort)],
    ["tepui-leader-http", formatAddress(leader.hostname, leader.httpPort)],
  ];
}

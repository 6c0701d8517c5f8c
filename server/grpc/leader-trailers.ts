/** What a master that does not lead says in the trailing metadata of its refusals: that it does not, and where the leader is. */

import { formatAddress } from "../../runtime/address.ts";
import type { Trailers } from "../../runtime/grpc/status.ts";
import type { CallRefusal } from "../core/effect.ts";

export function leaderTrailers({ leader, isNotLeading }: CallRefusal): Trailers {
  const trailers: (readonly [string, string])[] = [];
  if (isNotLeading === true) trailers.push(["tepui-not-leading", "1"]);
  if (leader !== undefined) {
    trailers.push(["tepui-leader", formatAddress(leader.hostname, leader.grpcPort)]);
    trailers.push(["tepui-leader-http", formatAddress(leader.hostname, leader.httpPort)]);
  }
  return trailers;
}

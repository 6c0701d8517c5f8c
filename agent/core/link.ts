/** The open link to the master, if there is one. */

import type { LinkId } from "../../common/ids.ts";
import type { AgentToMaster } from "./master-message.ts";
import type { Connection } from "./state.ts";
import type { Turn } from "./turn.ts";

/** The link over which something can be sent now. */
export function openLinkId(connection: Connection): LinkId | undefined {
  switch (connection.kind) {
    case "registering":
    case "accepting":
    case "running":
    case "terminating":
      return connection.linkId;
    default:
      return undefined;
  }
}

/** The link that the agent opened or is opening; input of any other link is old. */
export function currentLinkId(connection: Connection): LinkId | undefined {
  return connection.kind === "opening" ? connection.linkId : openLinkId(connection);
}

/** Sends over the open link; says nothing when there is none. */
export function sendToMaster(turn: Turn, message: AgentToMaster): void {
  const linkId = openLinkId(turn.state.connection);
  if (linkId !== undefined) turn.emit({ kind: "sendToMaster", linkId, message });
}

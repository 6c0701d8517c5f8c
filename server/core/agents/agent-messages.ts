/** What agents say, one case each. */

import { assertNever } from "../../../common/assert.ts";
import type { AgentToMaster } from "../agent-message.ts";
import { receiveExecutorMessage, receiveExitedExecutor } from "../executors.ts";
import { receiveOperationUpdate } from "../operations.ts";
import type { Link } from "../state.ts";
import { receiveStatusUpdate } from "../status-updates.ts";
import type { Turn } from "../turn.ts";
import { receiveLeaving, receiveUnregister } from "./departure.ts";
import { endingHeard } from "./given-up-tasks.ts";
import { receivePong } from "./health.ts";
import { receiveRegister } from "./registration.ts";
import { receiveReregister } from "./reregistration.ts";

export function receiveAgentMessage(turn: Turn, link: Link, message: AgentToMaster): void {
  switch (message.kind) {
    case "register":
      receiveRegister(turn, link, message);
      return;
    case "reregister":
      receiveReregister(turn, link, message);
      return;
    case "leaving":
      receiveLeaving(turn, link, message.agentId);
      return;
    case "unregister":
      receiveUnregister(turn, link, message);
      return;
    case "statusUpdate":
      receiveStatusUpdate(turn, link, message);
      return;
    case "operationUpdate":
      receiveOperationUpdate(turn, link, message);
      return;
    case "exitedExecutor":
      receiveExitedExecutor(turn, link, message);
      return;
    case "executorMessage":
      receiveExecutorMessage(turn, link, message);
      return;
    case "pong":
      receiveAnswer(turn, link, message.number);
      return;
    default:
      assertNever(message);
  }
}

function receiveAnswer(turn: Turn, link: Link, number: number): void {
  const registration = endingHeard(link, number);
  if (registration !== undefined) receiveReregister(turn, link, registration);
  else if (link.agentId !== undefined) receivePong(turn.state, link.agentId, link.linkId);
}

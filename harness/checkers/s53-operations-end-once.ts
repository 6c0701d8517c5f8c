/** S53: an operation that a framework named ends once: after its end was told, no other end and no other state is told of it. */

import { isOperationOver, type OperationState } from "../../common/operation-status.ts";
import { type Checker, fail, pass } from "./checker.ts";

/** What a master says that does not know the operation, or not any more, is no state of it. */
const unknowing: ReadonlySet<string> = new Set(["OPERATION_UNKNOWN", "OPERATION_RECOVERING", "OPERATION_UNREACHABLE"]);

export const operationsEndOnce: Checker = {
  id: "S53",
  title: "operations end once",
  check(view) {
    let evaluated = 0;
    const ends = new Map<string, { readonly state: string; readonly seq: number }>();
    for (const event of view.events) {
      if (event.kind !== "event" || event.event.kind !== "operationUpdate") continue;
      const { operationId, state, agentId } = event.event.status;
      // Of an agent that left for good everything is gone, whatever was told before.
      if (operationId === undefined || unknowing.has(state) || state === "OPERATION_GONE_BY_OPERATOR") continue;
      const key = `${event.framework} ${operationId}`;
      const end = ends.get(key);
      evaluated++;
      if (end !== undefined && end.state !== state) {
        return fail(`operation ${operationId} on agent ${agentId ?? "unknown"} was ${end.state} and then ${state}`, [end.seq, event.seq]);
      }
      if (isOperationOver(state as OperationState)) ends.set(key, { state, seq: event.seq });
    }
    return pass(evaluated);
  },
};

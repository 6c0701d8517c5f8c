/** REQUEST: a wish for resources. It is logged, as the reference does, and nothing follows: offers come by fairness alone. */

import type { Framework } from "../state.ts";
import type { Turn } from "../turn.ts";
import type { SchedulerCall } from "./call.ts";

export function request(turn: Turn, { frameworkId }: Framework, call: Extract<SchedulerCall, { kind: "request" }>): void {
  const fields = { frameworkId, requests: call.requestCount };
  turn.emit({ kind: "log", level: "debug", message: "resources were requested; requests have no effect", fields });
}

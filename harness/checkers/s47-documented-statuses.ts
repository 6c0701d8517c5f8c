/** S47: whatever a scheduler calls or an operator orders, the answer is a status that the contract has for it. */

import { statusCodes } from "../../common/status-code.ts";
import { isDocumentedStatus } from "../fuzz/documented-statuses.ts";
import { type Checker, fail, pass } from "./checker.ts";

export const documentedStatusesOnly: Checker = {
  id: "S47",
  title: "each call is answered with a documented status",
  check(view) {
    let evaluated = 0;
    const rpcs = new Map<number, { readonly rpc: string; readonly seq: number }>();
    for (const event of view.events) {
      if (event.kind === "invoke") {
        const method = event.body.kind === "subscribe" ? "Subscribe" : "Call";
        rpcs.set(event.call, { rpc: `tepui.v1.Scheduler/${method}`, seq: event.seq });
      }
      if (event.kind === "order") rpcs.set(event.call, { rpc: "tepui.v1.MasterOperator", seq: event.seq });
      if (event.kind === "ok") evaluated++;
      if (event.kind !== "fail") continue;
      evaluated++;
      const invoked = rpcs.get(event.call);
      const code = new Map<string, number>(Object.entries(statusCodes)).get(event.code);
      if (invoked === undefined || (code !== undefined && isDocumentedStatus(invoked.rpc, code))) continue;
      return fail(`${invoked.rpc} answered ${event.code}: ${event.message}`, [invoked.seq, event.seq]);
    }
    return pass(evaluated);
  },
};

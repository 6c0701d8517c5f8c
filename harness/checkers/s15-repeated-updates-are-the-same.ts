/** S15: an update that comes again says what it said before, word for word. */

import type { StatusJson } from "../history/event.ts";
import type { UpdateRecord } from "../history/records.ts";
import { type Checker, fail, pass } from "./checker.ts";

const fields = ["state", "agentId", "source", "reason", "message", "timestampMs"] as const satisfies (keyof StatusJson)[];

export const repeatedUpdatesAreTheSame: Checker = {
  id: "S15",
  title: "an update that comes again is the same",
  check(view) {
    let evaluated = 0;
    for (const task of view.tasks.values()) {
      const firsts = new Map<string, UpdateRecord>();
      for (const update of task.updates) {
        const { uuid } = update.status;
        if (uuid === undefined) continue;
        const first = firsts.get(uuid);
        if (first === undefined) {
          firsts.set(uuid, update);
          continue;
        }
        evaluated++;
        const field = fields.find((one) => first.status[one] !== update.status[one]);
        if (field === undefined) continue;
        const [was, is] = [first.status[field], update.status[field]];
        return fail(`task ${task.taskId}: ${field} of update ${uuid} was ${was} and is ${is} now`, [first.seq, update.seq]);
      }
    }
    return pass(evaluated);
  },
};

/** S39: an offer says when its agent's machine is unavailable if and only if that machine is in the schedule. */

import { isSameWindow } from "../history/machine-times.ts";
import { type Checker, fail, pass } from "./checker.ts";
import { describeWindow, windowsWhenSent } from "./window-evidence.ts";

export const offersTellWindows: Checker = {
  id: "S39",
  title: "offers tell the window of their machine",
  check(view) {
    let evaluated = 0;
    for (const offer of view.offers) {
      const { offerId, seq, unavailability } = offer;
      if (unavailability === undefined && view.machines.isEmpty) continue;
      const possible = windowsWhenSent(view, offer);
      if (possible === undefined) continue;
      if (!possible.some((window) => isSameWindow(window, unavailability))) {
        const told = possible.map(describeWindow).join(" or ");
        return fail(`offer ${offerId} tells ${describeWindow(unavailability)}, its machine has ${told}`, [seq]);
      }
      if (unavailability !== undefined) evaluated++;
    }
    return pass(evaluated);
  },
};

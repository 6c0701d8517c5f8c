/** S49, in part: the leader keeps no offer for a framework that is not connected. */

import { type Checker, fail, pass } from "./checker.ts";

export const offersOfGoneFrameworksReturn: Checker = {
  id: "S49",
  title: "no offer waits for a framework that left",
  check(view) {
    let evaluated = 0;
    for (const { seq, snapshot } of view.snapshots) {
      const connected = new Set(snapshot.frameworks.filter((one) => one.connected).map((one) => one.frameworkId));
      if (snapshot.frameworks.length > connected.size || view.streams.some((stream) => stream.closedSeq < seq)) evaluated++;
      const offer = snapshot.offers.find((one) => !connected.has(one.frameworkId));
      if (offer !== undefined) {
        return fail(`offer ${offer.offerId} waits for framework ${offer.frameworkId}, which is not connected`, [seq]);
      }
    }
    return pass(evaluated);
  },
};

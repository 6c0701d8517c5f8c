/** S06, in part: no offer of an agent that the leader does not have a connection to. */

import { type Checker, fail, pass } from "./checker.ts";

export const onlyConnectedAgentsAreOffered: Checker = {
  id: "S06",
  title: "only connected agents are offered",
  check(view) {
    let evaluated = 0;
    for (const { seq, snapshot } of view.snapshots) {
      const active = new Set(snapshot.agents.filter((agent) => agent.active).map(({ agentId }) => agentId));
      evaluated += snapshot.agents.length - active.size + snapshot.recoveredAgentIds.length;
      for (const { offerId, agentId } of snapshot.offers) {
        if (active.has(agentId)) continue;
        // The offers of an agent that leaves for good end when its removal is durable, which is after its link.
        const drain = view.drainOf.get(agentId);
        if (drain !== undefined && drain.fault.beginSeq < seq) continue;
        return fail(`offer ${offerId} is of agent ${agentId}, which is not connected`, [seq]);
      }
    }
    return pass(evaluated);
  },
};

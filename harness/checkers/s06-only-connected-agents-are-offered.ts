/** S06, in part: no offer of an agent that the leader does not have a connection to, or that is deactivated. */

import { type Checker, fail, pass } from "./checker.ts";

export const onlyConnectedAgentsAreOffered: Checker = {
  id: "S06",
  title: "only agents in service are offered",
  check(view) {
    let evaluated = 0;
    for (const { seq, snapshot } of view.snapshots) {
      const active = new Set(snapshot.agents.filter((agent) => agent.active).map(({ agentId }) => agentId));
      evaluated += snapshot.agents.length - active.size + snapshot.recoveredAgentIds.length;
      for (const { offerId, agentId } of snapshot.offers) {
        if (active.has(agentId)) continue;
        // The offers of an agent that leaves for good end when its removal is durable, which is after its link.
        // One that died before its id was retired may be told to leave a second time.
        if (view.drains.some((drain) => drain.agentId === agentId && drain.fault.beginSeq < seq)) continue;
        // The same holds for one that has to go with its machine.
        if (view.orders.mayBeRemoved(agentId, seq)) continue;
        const isDeactivated = snapshot.agents.some((agent) => agent.agentId === agentId && agent.deactivated === true);
        return fail(`offer ${offerId} is of agent ${agentId}, which is ${isDeactivated ? "deactivated" : "not connected"}`, [seq]);
      }
    }
    return pass(evaluated);
  },
};

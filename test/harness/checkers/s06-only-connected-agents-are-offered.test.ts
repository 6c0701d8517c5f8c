/** Offers of agents that are there, and of agents that are not. */

import { onlyConnectedAgentsAreOffered } from "../../../harness/checkers/s06-only-connected-agents-are-offered.ts";
import type { LeaderSnapshot } from "../../../harness/history/event.ts";
import { agentTotal, cluster, cpusAndMem, type HistoryBuilder } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

describeChecker(onlyConnectedAgentsAreOffered, {
  good: {
    "a deactivated agent is not offered": () =>
      cluster()
        .deactivate()
        .offer("o1", { agent: "A2" })
        .snapshot({ offers: [offer("A2")] }, { active: false, deactivated: true }),
    "the agent that is away is not offered": () => leaderSees({ away: "A2", offered: "A1" }),
    "a recovered agent is not offered": () => cluster().snapshot({ agents: agents("A2"), recoveredAgentIds: ["A1"] }),
    "an agent that leaves while the registry stalls, and another in its place that leaves before it is registered": () =>
      cluster()
        .offer("o1")
        .fault("drain-now", "agent-1")
        .exited("agent-1")
        .started("agent-1", 1)
        .snapshot({ agents: agents("A1", "A1"), offers: [offer("A1")] })
        .fault("drain-now", "agent-1")
        .exited("agent-1", 1),
    "an agent that leaves, dies before its id is retired, comes back with it and leaves again": () =>
      cluster()
        .offer("o1")
        .fault("drain-now", "agent-1")
        .fault("store-fail", "agent-1")
        .exited("agent-1", 0, { code: 1 })
        .faultEnd()
        .started("agent-1", 1)
        .snapshot({ agents: agents("A1", "A1"), offers: [offer("A1")] })
        .fault("drain-now", "agent-1")
        .exited("agent-1", 1),
  },
  bad: {
    "a deactivated agent is offered": () =>
      cluster()
        .deactivate()
        .snapshot({ offers: [offer("A1")] }, { active: false, deactivated: true }),
    "the agent that is away is offered": () => leaderSees({ away: "A1", offered: "A1" }),
    "a recovered agent is offered": () => cluster().snapshot({ agents: [], recoveredAgentIds: ["A1"], offers: [offer("A1")] }),
  },
});

function leaderSees({ away, offered }: { away: string; offered: string }): HistoryBuilder {
  return cluster()
    .offer("o1", { agent: offered })
    .snapshot({ agents: agents(away, offered), offers: [offer(offered)] });
}

function offer(agentId: string): LeaderSnapshot["offers"][number] {
  return { offerId: "o1", frameworkId: "F1", agentId, resources: cpusAndMem(2) };
}

function agents(away: string, offeredAgent?: string): LeaderSnapshot["agents"] {
  return ["A1", "A2"].map((agentId) => ({
    agentId,
    hostname: agentId,
    active: agentId !== away,
    total: agentTotal,
    allocated: [],
    offered: agentId === offeredAgent ? cpusAndMem(2) : [],
  }));
}

/** Snapshots and offers that fit into an agent, or do not. */

import { resourcesConserved } from "../../../harness/checkers/s01-resources-conserved.ts";
import { agentTotal, cluster, cpusAndMem } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

const offered = (offerId: string, cpus: number) => ({ offerId, frameworkId: "F1", agentId: "A1", resources: cpusAndMem(cpus) });
/** Agents that nothing is asked of. */
const idle = ["A1", "A2"].map((agentId) => ({ agentId, hostname: agentId, active: false, total: agentTotal, allocated: [], offered: [] }));
const held = (taskId: string, cpus: number, state: string) => ({
  taskId,
  frameworkId: "F1",
  agentId: "A1",
  state,
  resources: cpusAndMem(cpus),
});
const ports = (begin: number, end: number) => ({ name: "ports", ranges: [[begin, end]] as const });
/** As large as all the disk that the agent has. */
const shared = { name: "disk", milli: 1_000, volume: "v", shared: true, reservations: [{ role: "*", dynamic: true }] } as const;
const both = ["F1", "F2"].map((frameworkId) => ({ frameworkId, active: true, connected: true }));

describeChecker(resourcesConserved, {
  good: {
    "offers and tasks that fill an agent": () =>
      cluster()
        .runTask("t1")
        .snapshot({ offers: [offered("o1", 1)], tasks: [held("t1", 3, "TASK_RUNNING")] }),
    "a shared volume that two tasks and an offer have": () =>
      cluster()
        .runTask("t1")
        .runTask("t2")
        .snapshot({
          agents: [{ agentId: "A1", hostname: "agent-1", active: true, total: [...agentTotal, shared], allocated: [], offered: [] }],
          offers: [{ ...offered("o1", 1), resources: [shared] }],
          tasks: [
            { ...held("t1", 1, "TASK_RUNNING"), resources: [shared] },
            { ...held("t2", 1, "TASK_RUNNING"), resources: [shared] },
          ],
        }),
    "a terminal task that waits for its acknowledgement holds nothing": () =>
      cluster()
        .runTask("t1")
        .update("t1", "TASK_FINISHED")
        .snapshot({ offers: [offered("o1", 4)], tasks: [held("t1", 3, "TASK_FINISHED")] }),
    "the same resources offered again after a rescind that arrives late": () =>
      cluster()
        .snapshot({ agents: idle })
        .offer("o1", { cpus: 4 })
        .wait(5_000)
        .subscribe("f2")
        .offer("o2", { framework: "f2", cpus: 4 })
        .rescind("o1")
        .wait(5_000)
        .snapshot({ agents: idle, frameworks: both }),
    "the same resources offered by the next master": () =>
      cluster()
        .snapshot({ agents: idle })
        .offer("o1", { cpus: 4 })
        .wait(5_000)
        .subscribe("f2", { master: "M2" })
        .offer("o2", { framework: "f2", cpus: 4 })
        .wait(5_000),
    "an offer that was withdrawn with its stream and arrives after the next one of the same resources": () =>
      cluster()
        .snapshot({ agents: idle })
        .subscribe("f2")
        .wait(5_000)
        .offer("o2", { framework: "f2", cpus: 4 })
        .offer("o1", { cpus: 4 })
        .close()
        .wait(5_000)
        .snapshot({ agents: idle, frameworks: both }),
  },
  bad: {
    "offers and tasks exceed an agent": () => cluster().snapshot({ offers: [offered("o1", 2)], tasks: [held("t1", 3, "TASK_RUNNING")] }),
    "a negative offer": () => cluster().snapshot({ offers: [offered("o1", -1)] }),
    "ports held twice": () =>
      cluster().snapshot({
        agents: [{ agentId: "A1", hostname: "A1", active: true, total: [ports(1, 9)], allocated: [], offered: [] }],
        offers: [
          { offerId: "o1", frameworkId: "F1", agentId: "A1", resources: [ports(1, 5)] },
          { offerId: "o2", frameworkId: "F1", agentId: "A1", resources: [ports(5, 9)] },
        ],
      }),
    "two frameworks hold offers of the same resources": () =>
      cluster()
        .snapshot({ agents: idle })
        .subscribe("f2")
        .offer("o1", { cpus: 3 })
        .wait(5_000)
        .offer("o2", { framework: "f2", cpus: 3 })
        .end(),
  },
});

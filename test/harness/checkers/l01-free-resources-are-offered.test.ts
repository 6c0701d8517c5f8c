/** Free resources, offered or left lying. */

import { freeResourcesAreOffered } from "../../../harness/checkers/l01-free-resources-are-offered.ts";
import { agentTotal, cluster } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

describeChecker(freeResourcesAreOffered, {
  good: {
    "offered within two allocations": () => cluster().snapshot().wait(1_500).offer("o1").offer("o2", { agent: "A2" }).end(5_000),
  },
  undecided: {
    "the agents are deactivated": () => cluster().deactivate().deactivate("A2").snapshot({ agents: [] }).end(),
    "the agents are deactivated just after, and nobody knows for how long": () =>
      cluster().snapshot().deactivate("A1", "info").drainAgent("A2").end(),
    "the framework refused them for long": () =>
      cluster().offer("o1").offer("o2", { agent: "A2" }).decline("o1", 3_600).decline("o2", 3_600).wait(5_000).snapshot().end(),
    "the framework suppressed its role": () => cluster().call("f1", { kind: "suppress", roles: [] }).snapshot().end(),
    "the framework is away": () =>
      cluster()
        .close()
        .snapshot({ frameworks: [{ frameworkId: "F1", active: false, connected: false }] })
        .end(),
    "a fault is at work": () => cluster().fault("pause-master", "master-1").snapshot().end(),
    "all is in use": () =>
      cluster()
        .offer("o-A1", { cpus: 4 })
        .offer("o-A2", { agent: "A2", cpus: 4 })
        .snapshot({
          offers: ["A1", "A2"].map((agentId) => ({ offerId: `o-${agentId}`, frameworkId: "F1", agentId, resources: agentTotal })),
        })
        .end(),
  },
  bad: {
    "not offered after it was taken back into service": () => cluster().deactivate().reactivate().wait(5_000).snapshot().end(),
    "nobody is offered them": () => cluster().snapshot().end(),
    "one agent is forgotten": () => cluster().snapshot().offer("o1").end(),
    "not offered after the refusal was over": () => cluster().offer("o1").decline("o1", 5).wait(20_000).snapshot().end(),
    "not offered after REVIVE": () =>
      cluster().offer("o1").decline("o1", 3_600).call("f1", { kind: "revive", roles: [] }).wait(20_000).snapshot().end(),
  },
});

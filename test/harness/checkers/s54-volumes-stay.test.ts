/** A volume that was made, and what the leader sees of it later. */

import { volumesStay } from "../../../harness/checkers/s54-volumes-stay.ts";
import type { ResourceJson } from "../../../harness/history/resource-json.ts";
import { agentTotal, cluster, type HistoryBuilder } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

const volume: ResourceJson = { name: "disk", milli: 1_000, volume: "v", reservations: [{ role: "*", dynamic: true }] };

const running = { taskId: "t1", frameworkId: "F1", agentId: "A1", state: "TASK_RUNNING", resources: [volume] };

describeChecker(volumesStay, {
  good: {
    "it is there": () => made().snapshot({ agents: [agent("A1", [volume])] }),
    "it is there after its agent got a new id": () => seen("A1").snapshot({ agents: [agent("A2", [volume])] }),
    "it is of another size": () => made().snapshot({ agents: [agent("A1", [{ ...volume, milli: 500 }])] }),
    "a task runs on it": () =>
      made()
        .runTask("t1")
        .snapshot({ agents: [agent("A1", [volume])], tasks: [running] }),
    "an operator made it": () => ordered("create").snapshot({ agents: [agent("A1", [volume])] }),
    "it is gone after an operator destroyed it": () => orderTo("destroy", seen("A1"), "info").snapshot({ agents: [agent("A1", [])] }),
    "it is gone after a DESTROY": () => destroyed(seen("A1")).snapshot({ agents: [agent("A1", [])] }),
  },
  bad: {
    "it was destroyed while a task runs on it": () =>
      destroyed(seen("A1"))
        .runTask("t1")
        .snapshot({ agents: [agent("A1", [])], tasks: [running] }),
    "it is gone": () => made().snapshot({ agents: [agent("A1", [])] }),
    "it is gone, and an operator made it": () => ordered("create").snapshot({ agents: [agent("A1", [])] }),
    "an operator was refused its end": () => orderTo("destroy", seen("A1"), "fail").snapshot({ agents: [agent("A1", [])] }),
    "it is gone with the id of its agent": () => seen("A1").snapshot({ agents: [agent("A2", [])] }),
    "another is there": () => made().snapshot({ agents: [agent("A1", [{ ...volume, volume: "w" }])] }),
  },
  undecided: {
    "its agent is away": () => made().snapshot({ agents: [] }),
    "an operator was not told that it was made": () => ordered("create", "info").snapshot({ agents: [agent("A1", [])] }),
    "nobody was told that it was made": () => created().snapshot({ agents: [agent("A1", [])] }),
  },
});

function orderTo(kind: "create" | "destroy", history: HistoryBuilder, outcome: "ok" | "fail" | "info" = "ok"): HistoryBuilder {
  return history.order({ kind: "changeResources", agentId: "A1", operation: { kind, resources: [volume] } }, outcome);
}

function ordered(kind: "create", outcome: "ok" | "info" = "ok"): HistoryBuilder {
  return orderTo(kind, cluster(), outcome);
}

function created(): HistoryBuilder {
  const operations = [{ kind: "create", id: "op", resources: [volume] }] as const;
  return cluster()
    .offer("o1")
    .call("f1", { kind: "accept", offerIds: ["o1"], operations, tasks: [], refuseSeconds: 0 });
}

function made(): HistoryBuilder {
  return created().event("f1", { kind: "operationUpdate", status: { operationId: "op", agentId: "A1", state: "OPERATION_FINISHED" } });
}

function seen(agentId: string): HistoryBuilder {
  return made().snapshot({ agents: [agent(agentId, [volume])] });
}

function destroyed(history: HistoryBuilder): HistoryBuilder {
  const operations = [{ kind: "destroy", resources: [volume] }] as const;
  return history.offer("o2").call("f1", { kind: "accept", offerIds: ["o2"], operations, tasks: [], refuseSeconds: 0 });
}

function agent(agentId: string, volumes: readonly ResourceJson[]) {
  return { agentId, hostname: "agent-1", active: true, total: [...agentTotal, ...volumes], allocated: [], offered: [] };
}

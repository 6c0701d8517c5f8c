/** What is told of operations that have a name. */

import { operationsEndOnce } from "../../../harness/checkers/s53-operations-end-once.ts";
import { cluster, type HistoryBuilder } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

describeChecker(operationsEndOnce, {
  good: {
    "the end comes again until it is acknowledged": () => told("OPERATION_FINISHED", "OPERATION_FINISHED"),
    "the operation is pending at first": () => told("OPERATION_PENDING", "OPERATION_FINISHED"),
    "a master that has forgotten it does not know it": () => told("OPERATION_FINISHED", "OPERATION_UNKNOWN"),
    "its agent leaves afterwards": () => told("OPERATION_FINISHED", "OPERATION_GONE_BY_OPERATOR"),
  },
  bad: {
    "it is finished and then dropped": () => told("OPERATION_FINISHED", "OPERATION_DROPPED"),
    "it is pending again after its end": () => told("OPERATION_DROPPED", "OPERATION_PENDING"),
  },
});

function told(...states: string[]): HistoryBuilder {
  const history = cluster();
  for (const state of states) history.event("f1", { kind: "operationUpdate", status: { operationId: "op1", agentId: "A1", state } });
  return history;
}

/** Somebody else speaks for an agent. */

import { agentsSpeakForThemselves } from "../../../harness/checkers/s23-agents-speak-for-themselves.ts";
import type { ClaimAnswer, ClaimJson } from "../../../harness/history/claim-json.ts";
import { cluster, type HistoryBuilder } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

const mark = "0123456789abcdef".repeat(2);
const farewell: readonly ClaimJson[] = [{ kind: "leaving" }, { kind: "unregister", credential: mark }];
const takeOver: readonly ClaimJson[] = [{ kind: "reregister", hostname: "agent-1", credential: mark }];
const reports: readonly ClaimJson[] = [
  { kind: "update", frameworkId: "F1", taskId: "t1", uuid: mark },
  { kind: "operationUpdate", frameworkId: "F1", operationId: "op1", uuid: mark },
  { kind: "exitedExecutor", frameworkId: "F1", executorId: "e1", status: 4_711 },
  { kind: "executorMessage", frameworkId: "F1", executorId: "e1", data: mark },
];

const running = (): HistoryBuilder => cluster().runTask("t1").wait(20_000);

/** Somebody else speaks for an agent, on a link that a master takes. */
function impostor(claims: readonly ClaimJson[], history = running(), agentId = "A1"): HistoryBuilder {
  return history.add({ kind: "imposture", imposture: 0, agentId, claims }).add({ kind: "impostureAnswer", imposture: 0, answer: "opened" });
}

function answered(history: HistoryBuilder, answer: ClaimAnswer, detail = ""): HistoryBuilder {
  return history.add({ kind: "impostureAnswer", imposture: 0, answer, detail });
}

const refused = (claims: readonly ClaimJson[]): HistoryBuilder =>
  answered(impostor(claims), "closed", "PERMISSION_DENIED: credential must be that of agent A1");

describeChecker(agentsSpeakForThemselves, {
  good: {
    "one that says farewell is refused, and nothing happens": () => refused(farewell).end(20_000),
    "one that takes over is refused with a message": () => answered(impostor(takeOver), "refuse").end(20_000),
    "one that reports is not heard": () => impostor(reports).end(20_000),
    "anybody may say of an id that is used up that it left": () =>
      answered(impostor(farewell, cluster().markGone().failure().wait(20_000)), "unregistered", "A1").end(),
    "the agent is drained a moment later": () =>
      refused(farewell)
        .fault("drain-now", "agent-1")
        .masterUpdate("t1", "TASK_LOST", "REASON_AGENT_REMOVED")
        .failure()
        .exited("agent-1", 0, { code: 0 })
        .end(20_000),
    // A swarm's framework had used the id of a task again, on another agent, which was refused; then the first one's agent was drained.
    "a task whose id was used again for this agent is lost on another one": () => {
      const twice = running()
        .offer("o2", { agent: "A2" })
        .accept("o2", "t1")
        .masterUpdate("t1", "TASK_ERROR", "REASON_TASK_INVALID", { agent: "A2" });
      return answered(impostor(farewell, twice, "A2"), "closed")
        .fault("drain-now", "agent-1")
        .masterUpdate("t1", "TASK_LOST", "REASON_AGENT_REMOVED")
        .failure()
        .exited("agent-1", 0, { code: 0 })
        .end(20_000);
    },
  },
  undecided: {
    "no agent ever had the id": () => answered(impostor(takeOver, running(), "A9"), "reregistered", "A9").end(20_000),
    "no master took its link": () => running().add({ kind: "imposture", imposture: 0, agentId: "A1", claims: farewell }).end(20_000),
  },
  bad: {
    "its farewell is confirmed": () => answered(impostor(farewell), "unregistered", "A1"),
    "it is welcomed as the agent": () => answered(impostor(takeOver), "reregistered", "A1"),
    "it is told what is for the agent": () => answered(impostor(takeOver), "other", "runTask"),
    "its update reaches a framework": () => impostor(reports).update("t1", "TASK_FINISHED", { uuid: mark }),
    "its word on an operation reaches a framework": () =>
      impostor(reports).event("f1", { kind: "operationUpdate", status: { operationId: "op1", state: "OPERATION_FAILED", uuid: mark } }),
    "its end of an executor reaches a framework": () =>
      impostor(reports).event("f1", { kind: "failure", agentId: "A1", executorId: "e1", status: 4_711 }),
    "its message reaches a framework": () =>
      impostor(reports).event("f1", { kind: "message", agentId: "A1", executorId: "e1", data: mark }),
    "the agent has to register anew": () => refused(takeOver).registered("agent-1", "A1").end(20_000),
    "the agent is given up": () => refused(farewell).failure().end(20_000),
    "a task is announced as lost": () => refused(farewell).masterUpdate("t1", "TASK_LOST", "REASON_AGENT_REMOVED").end(20_000),
  },
});

/** What a reader of the event stream was told, beside what the leader says and what frameworks hear. */

import { eventStreamsMissNothing } from "../../../harness/checkers/s63-event-streams-miss-nothing.ts";
import type { LeaderSnapshot } from "../../../harness/history/event.ts";
import type { ReaderEventJson } from "../../../harness/history/reader-json.ts";
import { cluster, type HistoryBuilder } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

function told(history: HistoryBuilder, event: ReaderEventJson): HistoryBuilder {
  return history.add({ kind: "readerEvent", stream: 1, event });
}

/** Two agents and a framework, as everybody has them; then nothing for long. */
function reading(more: Partial<Extract<ReaderEventJson, { kind: "subscribed" }>> = {}, history = cluster()): HistoryBuilder {
  const agents = ["A1", "A2"].map((agentId) => ({ agentId, active: true, deactivated: false }));
  const frameworks = [{ frameworkId: "F1", connected: true }];
  return told(history, { kind: "subscribed", agents, awaitedAgentIds: [], tasks: [], frameworks, ...more }).wait(5_000);
}

const running = { frameworkId: "F1", taskId: "t1", state: "TASK_RUNNING" } as const;

function readingOfTask(): HistoryBuilder {
  return told(reading().runTask("t1"), { kind: "taskAdded", task: running });
}

const finished = (history: HistoryBuilder) => told(history, { kind: "taskUpdated", task: { ...running, state: "TASK_FINISHED" } });
const removed = (history: HistoryBuilder) => told(history, { kind: "agentRemoved", agentId: "A1" });
const failure = (history: HistoryBuilder) => history.event("f1", { kind: "failure", agentId: "A1" });

const closed = (history: HistoryBuilder) => history.add({ kind: "readerClosed", stream: 1, reason: "closed" });

const withTask: Partial<LeaderSnapshot> = { tasks: [{ ...running, agentId: "A1", resources: [] }] };
/** Agents that have nothing to offer. */
const agents = ["A1", "A2"].map((agentId) => ({ agentId, hostname: agentId, active: true, total: [], allocated: [], offered: [] }));
const said = (history: HistoryBuilder, parts: Partial<LeaderSnapshot> = {}) => history.snapshot({ agents, ...parts });

describeChecker(eventStreamsMissNothing, {
  good: {
    "the leader says the same": () => said(reading()).end(),
    "a task was told": () => said(readingOfTask().wait(3_000), withTask).end(),
    "what it is told comes a moment after the leader was asked": () =>
      told(said(reading().runTask("t1"), withTask), { kind: "taskAdded", task: running }).end(),
    "an end is told to both": () =>
      finished(readingOfTask().wait(3_000).update("t1", "TASK_FINISHED").acknowledge("t1", "TASK_FINISHED")).end(),
    "an agent leaves for both": () => removed(failure(reading())).end(),
    "an agent that the leader waits for comes back": () =>
      said(
        told(reading({ agents: [{ agentId: "A2", active: true, deactivated: false }], awaitedAgentIds: ["A1"] }), {
          kind: "agentAdded",
          agent: { agentId: "A1", active: true, deactivated: false },
        }).wait(3_000),
      ).end(),
  },
  undecided: {
    "the stream ended right before the leader was asked": () => said(closed(reading())).end(),
    "a master was killed meanwhile": () => said(reading().runTask("t1").fault("kill-master", "master-1"), withTask).end(),
    "the leader was asked long after the stream ended": () => said(closed(reading()).runTask("t1").wait(10_000), withTask).end(),
  },
  bad: {
    "it begins with a change": () => told(cluster(), { kind: "agentRemoved", agentId: "A1" }),
    "it begins twice": () => reading({}, reading()),
    "a task changes that was never told": () => finished(reading()),
    "an agent leaves that was never told": () => told(reading(), { kind: "agentRemoved", agentId: "A9" }),
    "a framework ends twice": () =>
      told(told(reading(), { kind: "frameworkRemoved", frameworkId: "F1" }), { kind: "frameworkRemoved", frameworkId: "F1" }),
    "a task is missing": () => said(reading(), withTask).end(),
    "a task is in another state": () => said(finished(readingOfTask()).wait(3_000), withTask).end(),
    "a task that is over is still there": () => said(readingOfTask().wait(3_000)).end(),
    "an agent is missing": () => said(reading({ agents: [] })).end(),
    "an agent is still there": () => said(reading(), { agents: agents.slice(1) }).end(),
    "an agent was deactivated": () => reading().snapshot({}, { active: false, deactivated: true }).end(),
    "a framework is still there": () => said(reading(), { frameworks: [] }).end(),
    "a framework heard of an end": () => readingOfTask().wait(3_000).update("t1", "TASK_FINISHED").end(),
    "a framework heard that an agent left": () => failure(reading()).end(),
  },
});

/** What leader, agent and machine say of the same tasks. */

import { booksAgreeInQuiet } from "../../../harness/checkers/s45-books-agree-in-quiet.ts";
import type { LeaderSnapshot } from "../../../harness/history/event.ts";
import { agentTotal, cluster, cpusAndMem, type HistoryBuilder } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

const t1 = { frameworkId: "F1", taskId: "t1" };

interface Looks {
  /** The task's state for the leader, if it knows it. */
  readonly leader?: string;
  readonly agent?: boolean;
  readonly machine?: boolean;
}

/** A look at the leader, then one at agent-1, both long after the task started unless told otherwise. */
function look(history: HistoryBuilder, { leader, agent = true, machine = true }: Looks, afterMs = 20_000): HistoryBuilder {
  const tasks: LeaderSnapshot["tasks"] = leader === undefined ? [] : [{ ...t1, agentId: "A1", state: leader, resources: cpusAndMem(1) }];
  const agents = ["A1", "A2"].map((agentId) => ({
    agentId,
    hostname: agentId,
    active: true,
    total: agentTotal,
    allocated: agentId === "A1" && leader !== undefined ? cpusAndMem(1) : [],
    offered: [],
  }));
  const { events } = history.wait(afterMs).snapshot({ tasks, agents });
  // Virtual time: both looks are at one instant.
  const atMs = events.at(-1)?.atMs ?? 0;
  const live = machine ? [{ ...t1, process: "t1-p1" }] : [];
  events.push({ seq: events.length, atMs, kind: "processes", node: "agent-1", live, tasks: agent ? [t1] : [] });
  return history;
}

describeChecker(booksAgreeInQuiet, {
  good: {
    "all three know the task": () => look(cluster().runTask("t1"), { leader: "TASK_RUNNING" }),
  },
  undecided: {
    "its agent is being drained": () =>
      look(cluster().runTask("t1").drainAgent("A1", { maxGraceMs: 100_000 }), { leader: "TASK_KILLING", agent: false }),
    "nobody knows it any more": () =>
      look(cluster().runTask("t1").ledger("t1", "end", { exitCode: 0 }).update("t1", "TASK_FINISHED").acknowledge("t1", "TASK_FINISHED"), {
        agent: false,
        machine: false,
      }),
    "its end is under way": () =>
      look(cluster().runTask("t1").wait(20_000).ledger("t1", "end", { exitCode: 0 }), { leader: "TASK_RUNNING", machine: false }, 0),
    "its agent was away a moment ago": () =>
      look(cluster().runTask("t1").wait(20_000).fault("cut-agent", "agent-1"), { leader: "TASK_RUNNING", agent: false }, 1_000),
    // A swarm looked at the very instant at which SIGTERM had made an agent kill its tasks of a framework without checkpoint.
    "its agent ended at the instant of the looks": () => {
      const history = look(cluster().runTask("t1"), { leader: "TASK_RUNNING", machine: false });
      const { events } = history;
      const atMs = events.at(-1)?.atMs ?? 0;
      events.push({ seq: events.length, atMs, kind: "nodeExited", node: "agent-1", incarnation: 0, code: 0, expected: true });
      return history;
    },
    // A swarm closed the stream before TASK_RUNNING came: its retry, some time later, is the first that tells the leader of the end.
    "its framework left before its first update came, and it ended meanwhile": () =>
      look(cluster().offer("o1").accept("o1", "t1").close().ledger("t1", "start").ledger("t1", "end", { exitCode: 0 }), {
        leader: "TASK_RUNNING",
        agent: false,
        machine: false,
      }),
    "its first update waits for an acknowledgement": () =>
      look(
        cluster({ updateRetryMinMs: 600_000, updateRetryMaxMs: 600_000 })
          .offer("o1")
          .accept("o1", "t1")
          .ledger("t1", "start")
          .update("t1", "TASK_RUNNING")
          .wait(20_000)
          .ledger("t1", "end", { exitCode: 0 }),
        { leader: "TASK_RUNNING", agent: false, machine: false },
      ),
  },
  bad: {
    "the leader forgot it": () => look(cluster().runTask("t1"), {}),
    "the agent forgot it": () => look(cluster().runTask("t1"), { leader: "TASK_RUNNING", agent: false }),
    "it has no process": () => look(cluster().runTask("t1"), { leader: "TASK_RUNNING", machine: false }),
    "a process that nobody wants": () => look(cluster().runTask("t1"), { agent: false }),
  },
});

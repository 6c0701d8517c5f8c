import assert from "node:assert/strict";
import type { Probe } from "../../../agent/core/checks/check-spec.ts";
import type { ContainerSpec } from "../../../agent/core/effect.ts";
import { AgentId, CheckId, ContainerId, ExecutorId, FrameworkId, TaskId } from "../../../common/ids.ts";
import type { TaskPlan } from "../../../harness/cluster.ts";
import type { HistoryBody } from "../../../harness/history/event.ts";
import { type ContainerWatcher, SimContainers } from "../../../harness/sim/containers.ts";
import { simDefaults } from "../../../harness/sim/sim-options.ts";
import { Simulator } from "../../../harness/sim/simulator.ts";
import { toCommandLine } from "../../../harness/sim/task-program.ts";

const usual: TaskPlan = { durationMs: 10_000, exitCode: 0, ignoresSigterm: false, daemonCount: 0 };
const id = ContainerId("c1");

function spec(plan: Partial<TaskPlan>): ContainerSpec {
  const value = toCommandLine({ ...usual, ...plan });
  const task = { frameworkId: FrameworkId("f1"), taskId: TaskId("t1") };
  const command = { shell: true, value, arguments: [], environment: [], uris: [], user: undefined };
  const sandbox = { agentId: AgentId("a1"), frameworkId: FrameworkId("f1"), executorId: ExecutorId("t1") };
  return { containerId: id, sandbox, task, environment: [], command, frameworkUser: "", volumes: [] };
}

function machine(seed = 1) {
  const simulator = new Simulator(seed);
  const ledger: string[] = [];
  const record = (body: HistoryBody): void => {
    if (body.kind === "ledger") ledger.push(body.exitCode === undefined ? body.line : `${body.line} ${body.exitCode}`);
  };
  const containers = new SimContainers("agent-1", simulator, simDefaults, record);
  const heard: string[] = [];
  const watcher: ContainerWatcher = {
    started: () => heard.push("started"),
    failed: (_id, reason) => heard.push(`failed ${reason}`),
    exited: (_id, exit) => heard.push(exit.kind === "exited" ? `exited ${exit.code}` : `signalled ${exit.signal}`),
    checked: (checkId, result) => heard.push(`${checkId} ${result.kind}`),
    allKilled: (alive) => heard.push(`all killed but ${alive.length}`),
  };
  const advance = (ms: number): void => simulator.runUntil(simulator.nowMs + ms);
  return { containers, heard, ledger, watcher, advance };
}

describe("SimContainers", () => {
  it("runs a task to its end, which the task itself writes down", () => {
    const { containers, heard, ledger, watcher, advance } = machine();
    containers.recover(watcher);
    containers.launch(spec({ durationMs: 5_000, exitCode: 3 }));
    advance(10_000);
    assert.deepEqual(heard, ["started", "exited 3"]);
    assert.deepEqual(ledger, ["start", "beat", "beat", "end 3"]);
  });

  describe("with a file to fetch", () => {
    const fetching = (): ContainerSpec => {
      const plain = spec({ durationMs: undefined });
      const uri = { value: "http://files.example/x", executable: false, extract: true, cache: false, outputFile: undefined };
      return { ...plain, command: { ...plain.command, uris: [uri] } };
    };

    it("starts later, or fails", () => {
      const ends = new Set<string>();
      for (let seed = 0; seed < 40; seed++) {
        const { containers, heard, watcher, advance } = machine(seed);
        containers.recover(watcher);
        containers.launch(fetching());
        advance(simDefaults.fetchLatencyMaxMs + 100);
        assert.equal(heard.length, 1);
        ends.add(heard[0] ?? "");
      }
      assert.deepEqual([...ends].sort(), ["failed command.uris[0].value must be fetched, the server answered 503", "started"]);
    });

    it("is given up by a kill, by the agent's end, and by a kill of everything, and never starts", () => {
      for (let seed = 0; seed < 10; seed++) {
        const { containers, heard, ledger, watcher, advance } = machine(seed);
        containers.recover(watcher);
        containers.launch(fetching());
        containers.kill(id, 3_000);
        advance(5_000);
        assert.deepEqual(heard, ["failed it was told to end"]);
        containers.launch(fetching());
        containers.watcherDied();
        assert.deepEqual(containers.recover(watcher), []);
        containers.launch(fetching());
        containers.killAll(100);
        advance(5_000);
        assert.deepEqual(
          heard.slice(1).filter((event) => !event.startsWith("failed command")),
          ["all killed but 0"],
        );
        assert.deepEqual(ledger, []);
      }
    });
  });

  it("kills a task that ignores SIGTERM only after its grace", () => {
    const { containers, heard, watcher, advance } = machine();
    containers.recover(watcher);
    containers.launch(spec({ durationMs: undefined, ignoresSigterm: true }));
    advance(100);
    containers.kill(id, 3_000);
    advance(2_000);
    assert.deepEqual(heard, ["started"]);
    advance(2_000);
    assert.deepEqual(heard, ["started", "signalled 9"]);
  });

  it("ends a task that takes SIGTERM at once", () => {
    const { containers, heard, ledger, watcher, advance } = machine();
    containers.recover(watcher);
    containers.launch(spec({ durationMs: undefined }));
    advance(100);
    containers.kill(id, 3_000);
    advance(200);
    assert.deepEqual(heard, ["started", "signalled 15"]);
    assert.equal(ledger.at(-1), "end 143");
  });

  it("lets a second kill shorten the grace, never lengthen it", () => {
    const { containers, heard, watcher, advance } = machine();
    containers.recover(watcher);
    containers.launch(spec({ durationMs: undefined, ignoresSigterm: true }));
    advance(100);
    containers.kill(id, 3_000);
    containers.kill(id, 60_000);
    containers.kill(id, 500);
    advance(600);
    assert.deepEqual(heard, ["started", "signalled 9"]);
  });

  it("keeps grandchildren alive past the end of their task, until the container is removed", () => {
    const { containers, watcher, advance } = machine();
    containers.recover(watcher);
    containers.launch(spec({ durationMs: 1_000, daemonCount: 2 }));
    advance(5_000);
    assert.equal(containers.live().length, 2);
    containers.remove(id);
    assert.deepEqual(containers.live(), []);
  });

  it("outlives the agent: the next one finds it running, or its recorded end", () => {
    const { containers, heard, watcher, advance } = machine();
    containers.recover(watcher);
    containers.launch(spec({ durationMs: 5_000 }));
    advance(100);
    containers.watcherDied();
    assert.deepEqual(containers.recover(watcher), [{ containerId: id, state: "running" }]);
    containers.watcherDied();
    advance(10_000);
    assert.deepEqual(containers.recover(watcher), [{ containerId: id, state: "ended", exit: { kind: "exited", code: 0 } }]);
    assert.deepEqual(heard, ["started"]);
  });

  it("loses, keeps or leaves empty a launch that was on its way when the agent died", () => {
    const found = new Set<string>();
    for (let seed = 0; seed < 40; seed++) {
      const { containers, watcher } = machine(seed);
      containers.recover(watcher);
      containers.launch(spec({}));
      containers.watcherDied();
      found.add(containers.recover(watcher)[0]?.state ?? "absent");
    }
    assert.deepEqual([...found].sort(), ["absent", "running", "vanished"]);
  });

  const look = (number: number, probe: Probe): Parameters<SimContainers["startCheck"]>[0] => ({
    kind: "startCheck",
    checkId: CheckId(`look-${number}`),
    containerId: id,
    task: { frameworkId: FrameworkId("f1"), taskId: TaskId("t1") },
    purpose: "health",
    probe,
    frameworkUser: "",
  });
  const tcp = { kind: "tcp", address: "127.0.0.1", port: 1 } as const;

  it("finds at a task what its plan says, look by look, and the last of it for ever", () => {
    const { containers, heard, watcher, advance } = machine();
    containers.recover(watcher);
    containers.launch(spec({ durationMs: undefined, looks: { health: ["pass", "hang", "error", "fail"] } }));
    advance(1_000);
    for (let number = 1; number <= 5; number++) {
      containers.startCheck(look(number, tcp));
      advance(1_000);
    }
    assert.deepEqual(heard, ["started", "look-1 connected", "look-3 notDone", "look-4 noAnswer", "look-5 noAnswer"]);
  });

  it("says nothing of a look that was stopped, or whose task or agent ended", () => {
    const { containers, heard, watcher, advance } = machine();
    containers.recover(watcher);
    containers.launch(spec({ durationMs: undefined }));
    advance(1_000);
    containers.startCheck(look(1, tcp));
    containers.stopCheck(CheckId("look-1"));
    containers.startCheck(look(2, tcp));
    containers.watcherDied();
    containers.recover(watcher);
    advance(1_000);
    containers.kill(id, 0);
    containers.startCheck(look(3, tcp));
    advance(1_000);
    assert.deepEqual(heard, ["started", "signalled 9"]);
  });

  it("kills every tree at once, grandchildren included", () => {
    const { containers, heard, watcher, advance } = machine();
    containers.recover(watcher);
    containers.launch(spec({ durationMs: undefined, ignoresSigterm: true, daemonCount: 1 }));
    advance(100);
    containers.killAll(100);
    advance(100);
    assert.deepEqual(containers.live(), []);
    assert.ok(heard.includes("all killed but 0"));
  });
});

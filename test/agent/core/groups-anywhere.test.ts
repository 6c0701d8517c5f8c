/** Two groups in one default executor, whatever happens in whatever order, crashes of the agent included: they start and fall as groups. */

import assert from "node:assert/strict";
import fc from "fast-check";
import type { ContainerExit, RecoveredContainer } from "../../../agent/core/input.ts";
import type { TaskToRun } from "../../../agent/core/master-message.ts";
import type { ContainerId, Uuid } from "../../../common/ids.ts";
import { isTerminal, type TaskState } from "../../../common/task-state.ts";
import { AgentDriver, frameworkId } from "./agent-driver.ts";
import { executorId, group, order } from "./group-driver.ts";

const groups = [
  ["a1", "a2", "a3"],
  ["b1", "b2"],
] as const;

type Action =
  | { readonly kind: "order"; readonly which: 0 | 1 }
  | { readonly kind: "kill"; readonly task: number }
  | { readonly kind: "write" | "shutdown" | "crash" }
  /** Of the containers that wait for it, or that run. */
  | { readonly kind: "start" | "fail"; readonly which: number }
  | { readonly kind: "exit"; readonly which: number; readonly code: number };

const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ kind: fc.constant("order" as const), which: fc.constantFrom(0 as const, 1 as const) }),
  fc.record({ kind: fc.constant("kill" as const), task: fc.nat(4) }),
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("write" as const) }) },
  fc.record({ kind: fc.constantFrom("shutdown" as const, "crash" as const) }),
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("start" as const), which: fc.nat(4) }) },
  fc.record({ kind: fc.constant("fail" as const), which: fc.nat(4) }),
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("exit" as const), which: fc.nat(4), code: fc.constantFrom(0, 0, 1) }) },
);

interface Container {
  readonly taskId: string;
  state: "starting" | "running" | "ended";
  exit?: ContainerExit;
}

/** Containers and the master around one agent. */
class GroupsWorld {
  readonly driver = AgentDriver.running();
  readonly states = new Map<string, TaskState[]>();
  readonly #seen = new Set<Uuid>();
  readonly #containers = new Map<ContainerId, Container>();
  readonly #ordered = new Set<0 | 1>();
  #handled = 0;

  act(one: Action): void {
    switch (one.kind) {
      case "order":
        // A master launches each id once.
        if (!this.#ordered.has(one.which)) order(this.driver, group(groups[one.which]));
        this.#ordered.add(one.which);
        break;
      case "kill": {
        const id = groups.flat()[one.task] ?? "";
        const isOver = this.states.get(id)?.some(isTerminal) === true;
        if (this.#ordered.has(id.startsWith("a") ? 0 : 1) && !isOver) this.driver.kill(id, 100);
        break;
      }
      case "shutdown":
        this.driver.master({ kind: "shutdownExecutor", frameworkId, executorId });
        break;
      case "write":
        if (this.driver.isCheckpointInFlight) this.driver.confirm();
        break;
      case "crash":
        this.#crash();
        break;
      case "start":
        this.#each("starting", one.which, (containerId, container) => {
          container.state = "running";
          this.driver.step({ kind: "containerStarted", containerId });
        });
        break;
      case "fail":
        this.#each("starting", one.which, (containerId) => {
          this.#containers.delete(containerId);
          this.driver.step({ kind: "containerFailed", containerId, reason: "out of processes" });
        });
        break;
      case "exit":
        this.#each("running", one.which, (containerId) => this.#exit(containerId, { kind: "exited", code: one.code }));
        break;
    }
    this.#perform();
  }

  /** Lets everything come to its end. */
  finish(): void {
    for (let round = 0; round < 50; round++) {
      this.driver.settle();
      this.#perform();
      for (let which = 0; which < this.#containers.size; which++) this.act({ kind: "start", which: 0 });
      for (let which = 0; which < this.#containers.size; which++) this.act({ kind: "exit", which: 0, code: 0 });
    }
  }

  /** Those with a process, or soon. */
  liveTasks(): ReadonlySet<string> {
    return new Set([...this.#containers.values()].filter(({ state }) => state !== "ended").map(({ taskId }) => taskId));
  }

  get containerCount(): number {
    return this.#containers.size;
  }

  #crash(): void {
    const found = [...this.#containers].flatMap(([containerId, { state, exit }]): RecoveredContainer[] => {
      if (exit !== undefined) return [{ containerId, state: "ended", exit }];
      // What was not started yet dies with the agent.
      return state === "running" ? [{ containerId, state }] : [];
    });
    for (const [containerId, { state }] of this.#containers) if (state === "starting") this.#containers.delete(containerId);
    this.driver.restart(found);
    this.#handled = 0;
    this.#perform();
    this.driver.connect({ reconcile: this.#missing() });
  }

  /** What a master asks for that has launched it and finds it neither ended nor listed. */
  #missing(): readonly TaskToRun[] {
    const known = new Set([...this.driver.disk.keys()].filter((key) => key.startsWith("task/")));
    return [...this.#ordered]
      .flatMap((which) => group(groups[which]).tasks)
      .filter(({ taskId }) => !known.has(`task/${frameworkId}/${taskId}`) && this.states.get(taskId)?.some(isTerminal) !== true);
  }

  #each(state: "starting" | "running", which: number, run: (containerId: ContainerId, container: Container) => void): void {
    const found = [...this.#containers].filter(([, container]) => container.state === state);
    const chosen = found[which % Math.max(1, found.length)];
    if (chosen !== undefined) run(...chosen);
  }

  #exit(containerId: ContainerId, exit: ContainerExit): void {
    const container = this.#containers.get(containerId);
    if (container?.state !== "running") return;
    container.state = "ended";
    container.exit = exit;
    this.driver.step({ kind: "containerExited", containerId, exit });
  }

  #perform(): void {
    for (; this.#handled < this.driver.effects.length; this.#handled++) {
      const effect = this.driver.effects[this.#handled];
      if (effect?.kind === "launchContainer") {
        this.#containers.set(effect.spec.containerId, { taskId: effect.spec.task?.taskId ?? "", state: "starting" });
      } else if (effect?.kind === "killContainer") this.#exit(effect.containerId, { kind: "signalled", signal: 15 });
      else if (effect?.kind === "removeContainer") this.#containers.delete(effect.containerId);
      else if (effect?.kind === "sendToMaster" && effect.message.kind === "statusUpdate") {
        const { taskId, uuid, state } = effect.message.status;
        assert.ok(uuid !== undefined);
        if (!this.#seen.has(uuid)) this.states.set(taskId, [...(this.states.get(taskId) ?? []), state]);
        this.#seen.add(uuid);
        this.driver.acknowledge(taskId, uuid);
      }
    }
  }
}

describe("groups of tasks", () => {
  it("start whole, fall whole and leave nothing behind, whatever happens", () => {
    const property = fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
      const world = new GroupsWorld();
      for (const one of [{ kind: "order", which: 0 }, { kind: "write" }, ...actions] as const) world.act(one);
      world.driver.settle();
      const before = new Map(world.states);
      const live = world.liveTasks();
      world.finish();
      for (const ids of groups) {
        const ends = ids.map((id) => {
          const states = world.states.get(id) ?? [];
          assert.ok(states.filter(isTerminal).length <= 1, `${id} ends once: ${states.join(" ")}`);
          return states.at(-1);
        });
        const told = ends.filter((end) => end !== undefined);
        assert.ok(told.length === 0 || told.length === ids.length, `${ids.join(" ")} are told of together: ${ends.join(" ")}`);
        for (const end of told) assert.ok(isTerminal(end), `every task ends: ${ends.join(" ")}`);
        // Everything that still ran has ended well since, unless it was killed.
        const fell = ids.some((id) => before.get(id)?.some((state) => isTerminal(state) && state !== "TASK_FINISHED"));
        const late = ids.filter((id) => live.has(id)).map((id) => world.states.get(id)?.at(-1));
        assert.ok(!fell || !late.includes("TASK_FINISHED"), `a group that fell had a task that went on: ${ends.join(" ")}`);
      }
      assert.equal(world.containerCount, 0);
      assert.deepEqual([...world.driver.disk.keys()], ["agent"]);
    });
    fc.assert(property, { numRuns: 400 });
  });
});

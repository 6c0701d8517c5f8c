/** The agent is stopped after each effect of a task's life: whatever the moment, the framework hears the truth once and in order. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { isTerminal, type TaskState } from "../../../common/task-state.ts";
import { task } from "./agent-driver.ts";
import { CrashWorld, type Life } from "./crash-world.ts";

const exited = (code: number) => ({ kind: "exited", code }) as const;
const killing = { capabilities: ["TASK_KILLING_STATE" as const, "PARTITION_AWARE" as const] };

/** Each life with the states in which it may end; losing the launch order, or the launch, is the one other way out. */
const lives: { readonly name: string; readonly life: Life; readonly ends: readonly TaskState[] }[] = [
  { name: "a task that ends well", life: { order: task("t1"), exit: exited(0), kill: "never" }, ends: ["TASK_FINISHED"] },
  { name: "a task that fails", life: { order: task("t2"), exit: exited(4), kill: "never" }, ends: ["TASK_FAILED"] },
  { name: "a task that is killed", life: { order: task("t3", killing), exit: undefined, kill: "when running" }, ends: ["TASK_KILLED"] },
  {
    name: "a task that is killed at its launch",
    life: { order: task("t4"), exit: undefined, kill: "with the launch" },
    ends: ["TASK_KILLED"],
  },
  {
    name: "a task that is killed while it ends",
    life: { order: task("t5"), exit: exited(0), kill: "when running" },
    ends: ["TASK_KILLED", "TASK_FINISHED"],
  },
  { name: "a launch that fails", life: { order: task("t6"), exit: undefined, kill: "never", launchFails: true }, ends: ["TASK_FAILED"] },
  {
    name: "a task that is invalid",
    life: { order: task("t7", { info: { command: undefined } }), exit: undefined, kill: "never" },
    ends: ["TASK_ERROR"],
  },
];

const lost: readonly TaskState[] = ["TASK_LOST", "TASK_DROPPED"];

/** What must be true of a life however often the agent died in it. */
function checkLife(world: CrashWorld, ends: readonly TaskState[], crashes: readonly number[]): void {
  const states = world.seen.map((status) => status.state);
  const where = `after crashes at ${crashes.join(", ")}: ${states.join(" ")}`;
  assert.equal(states.filter(isTerminal).length, 1, `exactly one end ${where}`);
  const end = states.at(-1);
  assert.ok(end !== undefined && isTerminal(end), `the end comes last ${where}`);
  assert.ok(ends.includes(end) || (crashes.length > 0 && lost.includes(end)), `the right end ${where}`);
  // What was seen running is never called lost by an agent that comes back.
  if (states.includes("TASK_RUNNING")) assert.ok(ends.includes(end), `nothing that ran is lost ${where}`);
  const order = ["TASK_RUNNING", "TASK_KILLING", end];
  assert.deepEqual(
    states,
    order.filter((state) => states.includes(state as TaskState)),
    `in order ${where}`,
  );
  assert.equal(new Set(world.launches).size, world.launches.length, `launched once ${where}`);
  assert.ok(world.launches.length <= 1, `launched at most once ${where}`);
  assert.equal(world.containers.size, 0, `no container is left ${where}`);
  assert.deepEqual([...world.disk.keys()], ["agent"], `no record is left ${where}`);
  assert.deepEqual(world.resentAfterAcknowledgement, [], `nothing acknowledged comes again ${where}`);
}

describe("an agent that dies anywhere", () => {
  for (const { name, life, ends } of lives) {
    it(`loses and invents nothing of ${name}`, () => {
      const calm = new CrashWorld(life);
      calm.run();
      checkLife(calm, ends, []);
      for (let crashAt = 1; crashAt < calm.performed; crashAt++) {
        const world = new CrashWorld(life);
        world.run([crashAt]);
        checkLife(world, ends, [crashAt]);
      }
    });
  }

  it("loses and invents nothing when it dies again and again", () => {
    const property = fc.property(
      fc.constantFrom(...lives),
      fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 5 }),
      ({ life, ends }, at) => {
        const crashes = at.sort((left, right) => left - right);
        const world = new CrashWorld(life);
        world.run(crashes);
        checkLife(world, ends, crashes);
      },
    );
    fc.assert(property, { numRuns: 300 });
  });
});

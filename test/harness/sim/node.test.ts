import assert from "node:assert/strict";
import { assert as check } from "../../../common/assert.ts";
import type { HistoryBody } from "../../../harness/history/event.ts";
import { type CheckedCore, SimNode } from "../../../harness/sim/node.ts";
import { simDefaults } from "../../../harness/sim/sim-options.ts";
import { Simulator } from "../../../harness/sim/simulator.ts";

type Input = { readonly kind: "tick" } | { readonly kind: "ask"; readonly value: number };
type Effect = { readonly kind: "told"; readonly value: number };

/**
 * Answers each question, great ones with three effects, and ticks every 100 ms; breaks at 13, and does not notice before
 * it is looked at.
 */
class Echo extends SimNode<Input, Effect> {
  protected readonly tick: Input = { kind: "tick" };
  readonly told: number[] = [];
  ticks: number[] = [];
  endings: boolean[] = [];

  protected createCore(): CheckedCore<Input, Effect> {
    let isBroken = false;
    let dueMs: number | undefined;
    return {
      step: (input, now) => {
        if (input.kind === "tick") this.ticks.push(this.context.simulator.nowMs);
        dueMs = now.nowMs + 100;
        if (input.kind !== "ask") return [];
        if (input.value === 13) isBroken = true;
        return input.value < 100 ? [{ kind: "told", value: input.value }] : [1, 2, 3].map((value) => ({ kind: "told", value }));
      },
      nextDeadlineMs: () => dueMs,
      checkInvariants: () => check(!isBroken, "thirteen was asked"),
    };
  }

  protected started(): void {
    this.dispatch({ kind: "ask", value: 0 });
  }

  protected ended(isClean: boolean): void {
    this.endings.push(isClean);
  }

  protected perform(effects: readonly Effect[]): void {
    for (const { value } of effects) this.told.push(value);
  }

  ask(value: number): void {
    this.post(() => this.dispatch({ kind: "ask", value }));
  }
}

function boot(): { node: Echo; simulator: Simulator; history: HistoryBody[] } {
  const simulator = new Simulator(1);
  const history: HistoryBody[] = [];
  const options = { ...simDefaults, invariantsEverySteps: 1 };
  const node = new Echo("master-1", { simulator, options, record: (body) => history.push(body) });
  node.start();
  simulator.runUntil(1_000);
  return { node, simulator, history };
}

describe("SimNode", () => {
  it("ticks when the core's deadline comes, and not in between", () => {
    const { node } = boot();
    const gaps = node.ticks.slice(1).map((atMs, index) => atMs - (node.ticks[index] ?? 0));
    assert.ok(gaps.length > 5);
    assert.deepEqual(new Set(gaps), new Set([100]));
  });

  it("keeps what reaches a paused node until it is resumed, in order", () => {
    const { node, simulator } = boot();
    node.pause();
    node.ask(1);
    node.ask(2);
    simulator.runUntil(5_000);
    assert.deepEqual(node.told, [0]);
    const tickCount = node.ticks.length;
    node.resume();
    simulator.runUntil(5_150);
    assert.deepEqual(node.told, [0, 1, 2]);
    assert.ok(node.ticks.length > tickCount, "time goes on for it");
  });

  it("ends a node whose core breaks an invariant, and says so in the history", () => {
    const { node, history } = boot();
    node.ask(13);
    assert.equal(node.state, "exited");
    const fatal = history.find((body) => body.kind === "fatal");
    assert.match(fatal?.message ?? "", /InvariantError: thirteen was asked/);
    assert.deepEqual(history.at(-1), { kind: "nodeExited", node: "master-1", incarnation: 1, code: 1, expected: false });
    assert.deepEqual(node.endings, [false]);
  });

  it("starts again with a new core, and nothing of the old process reaches it", () => {
    const { node, simulator, history } = boot();
    node.pause();
    node.ask(1);
    node.exit({ signal: "SIGKILL", expected: true, isClean: false });
    node.start();
    simulator.runUntil(3_000);
    assert.deepEqual(node.told, [0, 0]);
    assert.equal(node.incarnation, 2);
    assert.equal(history.filter((body) => body.kind === "nodeStarted").length, 2);
  });

  it("lets a paused process take SIGTERM when it goes on", () => {
    const { node } = boot();
    node.pause();
    node.terminate();
    assert.equal(node.state, "paused");
    node.resume();
    assert.equal(node.state, "exited");
    assert.deepEqual(node.endings, [true]);
  });

  it("is killed between two effects of one of the next steps that have several, and not when it is spared", () => {
    const { node } = boot();
    node.setKillMidStep(true);
    for (let count = 0; count < 10 && node.state === "running"; count++) node.ask(100);
    assert.equal(node.state, "exited");
    assert.ok([1, 2].includes(node.told.slice(1).length % 3), `told ${node.told}`);
    const other = boot().node;
    other.setKillMidStep(true);
    for (let count = 0; count < 10; count++) other.ask(1);
    other.setKillMidStep(false);
    for (let count = 0; count < 10; count++) other.ask(100);
    assert.equal(other.state, "running");
  });
});

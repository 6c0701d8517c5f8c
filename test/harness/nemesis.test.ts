import assert from "node:assert/strict";
import type { Cluster } from "../../harness/cluster.ts";
import { Recorder } from "../../harness/history/recorder.ts";
import { type Fault, Nemesis } from "../../harness/nemesis.ts";

/** A cluster of which the nemesis needs the clock and the capabilities only. */
function scene(faultParts: Partial<Fault> = {}, otherParts: Partial<Fault> = {}) {
  let nowMs = 0;
  const cluster = { capabilities: new Set(["signal"]), nowMs: () => nowMs } as unknown as Cluster;
  const recorder = new Recorder(() => nowMs);
  const done: string[] = [];
  const state = { bites: true, isHealed: true };
  const fault: Fault = {
    name: "kill",
    needs: ["signal"],
    targets: () => ["agent-1", "agent-2"],
    inject: async ({ target }) => void done.push(`inject ${target}`),
    heal: async ({ target }) => void done.push(`heal ${target}`),
    hasBitten: () => (state.bites ? "it is dead" : undefined),
    hasHealed: () => (state.isHealed ? "it lives" : undefined),
    ...faultParts,
  };
  const nemesis = new Nemesis(cluster, recorder, [fault, { ...fault, admitsOthers: false, ...otherParts, name: "other" }]);
  const kinds = (): string[] =>
    recorder.events.map((event) => (event.kind === "faultProbe" ? `${event.kind} ${event.result}` : event.kind));
  const pass = (durationMs: number): void => {
    nowMs += durationMs;
  };
  return { nemesis, done, kinds, state, pass };
}

describe("Nemesis", () => {
  it("takes a fault back when its time is over, with a probe on both sides", async () => {
    const { nemesis, done, kinds, pass } = scene();
    assert.equal(await nemesis.begin("kill", { target: 0, durationMs: 100 }), true);
    assert.equal(nemesis.nextEndAtMs(), 100);
    await nemesis.poll();
    assert.deepEqual(done, ["inject agent-1"]);
    pass(100);
    await nemesis.poll();
    await nemesis.poll();
    assert.deepEqual(done, ["inject agent-1", "heal agent-1"]);
    assert.deepEqual(kinds(), ["faultBegin", "faultProbe bit", "faultEnd", "faultProbe healed"]);
    assert.deepEqual(nemesis.unhealed, []);
  });

  it("never has two faults on one target", async () => {
    const { nemesis, done } = scene();
    assert.equal(await nemesis.begin("kill", { target: 0, durationMs: 100 }), true);
    assert.equal(await nemesis.begin("kill", { target: 0, durationMs: 100 }), true);
    assert.equal(await nemesis.begin("kill", { target: 0, durationMs: 100 }), false);
    assert.deepEqual(done, ["inject agent-1", "inject agent-2"]);
  });

  it("hits the target that is named, or none", async () => {
    const { nemesis, done } = scene();
    assert.equal(await nemesis.begin("kill", { target: "agent-2", durationMs: 100 }), true);
    assert.equal(await nemesis.begin("other", { target: "agent-2", durationMs: 100 }), false);
    assert.equal(await nemesis.begin("kill", { target: "agent-3", durationMs: 100 }), false);
    assert.deepEqual(done, ["inject agent-2"]);
  });

  it("lets another fault hit the target of one that admits it, and never the same twice", async () => {
    const { nemesis, done } = scene({ admitsOthers: true, targets: () => ["agent-1"] }, { targets: () => ["agent-1"] });
    assert.equal(await nemesis.begin("kill", { target: 0, durationMs: 1_000 }), true);
    assert.equal(await nemesis.begin("kill", { target: 0, durationMs: 1_000 }), false);
    assert.equal(await nemesis.begin("other", { target: 0, durationMs: 1_000 }), true);
    assert.equal(await nemesis.begin("kill", { target: 0, durationMs: 1_000 }), false);
    assert.deepEqual(done, ["inject agent-1", "inject agent-1"]);
  });

  it("names a fault as unhealed until its probe has seen it healed", async () => {
    const { nemesis, state } = scene();
    state.isHealed = false;
    await nemesis.begin("kill", { target: 1, durationMs: 100 });
    await nemesis.endAll();
    await nemesis.poll();
    assert.deepEqual(nemesis.unhealed, ["kill on agent-2"]);
    state.isHealed = true;
    await nemesis.poll();
    assert.deepEqual(nemesis.unhealed, []);
  });

  it("leaves out a fault that needs what the cluster cannot do", async () => {
    const { nemesis, done } = scene({ needs: ["pause"] });
    assert.deepEqual(nemesis.names, []);
    assert.equal(await nemesis.begin("kill", { target: 0, durationMs: 100 }), false);
    assert.deepEqual(done, []);
  });
});

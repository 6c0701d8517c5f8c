/** Numbers read one by one: the same as on the page, and never late. */

import assert from "node:assert/strict";
import { Gauge } from "prom-client";

import { createMetrics } from "../../runtime/metrics.ts";

describe("createMetrics().read()", () => {
  it("has every number of the page, by the page's names", async () => {
    const metrics = createMetrics("test");
    metrics.countInput("tick");
    metrics.countInput("tick");
    const steady = /^tepui_/;
    // Which kinds of resources are in use changes from one moment to the next.
    const isKept = (line: string): boolean => !line.startsWith("nodejs_active_resources{");
    const page = (await metrics.render()).text.split("\n").filter((line) => line !== "" && !line.startsWith("#") && isKept(line));
    const samples = (await metrics.read(undefined)).filter(({ name }) => isKept(name));
    assert.deepEqual(samples.map(({ name }) => name).sort(), page.map((line) => line.slice(0, line.lastIndexOf(" "))).sort());
    assert.deepEqual(
      samples.filter(({ name }) => steady.test(name)),
      [{ name: 'tepui_inputs_total{kind="tick",program="test"}', value: 2 }],
    );
  });

  it("reads what is not finite as such", async () => {
    const metrics = createMetrics("test");
    const gauge = new Gauge({ name: "tepui_odd", help: "odd", labelNames: ["is"], registers: [metrics.registry] });
    for (const value of [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN]) gauge.set({ is: String(value) }, value);
    const odd = (await metrics.read(undefined)).filter(({ name }) => name.startsWith("tepui_odd"));
    assert.deepEqual(
      odd.map(({ value }) => value),
      [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN],
    );
  });

  it("leaves out what takes longer than the caller waits", async () => {
    const metrics = createMetrics("test");
    const never = new Promise<void>(() => {});
    new Gauge({ name: "tepui_slow", help: "slow", registers: [metrics.registry], collect: () => never });
    metrics.countInput("tick");
    const names = (await metrics.read(1)).map(({ name }) => name);
    assert.ok(names.some((name) => name.startsWith("tepui_inputs_total")));
    assert.ok(!names.some((name) => name.startsWith("tepui_slow")));
  });
});

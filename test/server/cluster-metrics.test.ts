/** The figures of a cluster as they stand on the page of its master. */

import assert from "node:assert/strict";
import { createMetrics } from "../../runtime/metrics.ts";
import { addClusterMetrics } from "../../server/cluster-metrics.ts";
import type { ClusterFigures } from "../../server/core/figures.ts";

const figures: ClusterFigures = {
  agents: { active: 2, withheld: 1, disconnected: 0, recovered: 0, unreachable: 3 },
  machines: { draining: 1, down: 0 },
  frameworks: { connected: 1, disconnected: 1, recovered: 0 },
  tasks: new Map([["TASK_RUNNING", 7]]),
  offers: { offer: 4, inverse: 5 },
  resources: { total: new Map([["cpus", 8_000]]), allocated: new Map([["cpus", 1_500]]), offered: new Map([["mem", 32_000]]) },
  quotas: [{ role: 'we"b', name: "cpus", guaranteeMilli: 500, limitMilli: undefined, consumedMilli: 250 }],
};

async function samplesOf(read: () => ClusterFigures | undefined): Promise<Record<string, number>> {
  const metrics = createMetrics("master");
  addClusterMetrics(metrics.registry, read);
  const own = /^tepui_(?!inputs|effects)/;
  const samples = (await metrics.read(undefined)).filter(({ name }) => own.test(name));
  return Object.fromEntries(
    samples.map(({ name, value }) => [name.replace(',program="master"', "").replace('{program="master"}', ""), value]),
  );
}

describe("addClusterMetrics()", () => {
  it("has one sample for each figure, quantities in whole units", async () => {
    assert.deepEqual(await samplesOf(() => figures), {
      tepui_leading: 1,
      'tepui_agents{standing="active"}': 2,
      'tepui_agents{standing="withheld"}': 1,
      'tepui_agents{standing="disconnected"}': 0,
      'tepui_agents{standing="recovered"}': 0,
      'tepui_agents{standing="unreachable"}': 3,
      'tepui_machines{mode="draining"}': 1,
      'tepui_machines{mode="down"}': 0,
      'tepui_frameworks{connection="connected"}': 1,
      'tepui_frameworks{connection="disconnected"}': 1,
      'tepui_frameworks{connection="recovered"}': 0,
      'tepui_tasks{state="TASK_RUNNING"}': 7,
      'tepui_offers{kind="offer"}': 4,
      'tepui_offers{kind="inverse"}': 5,
      'tepui_resources{resource="cpus",use="total"}': 8,
      'tepui_resources{resource="cpus",use="allocated"}': 1.5,
      'tepui_resources{resource="mem",use="offered"}': 32,
      'tepui_quota{role="we\\"b",resource="cpus",part="guarantee"}': 0.5,
      'tepui_quota{role="we\\"b",resource="cpus",part="consumed"}': 0.25,
    });
  });

  it("says of a master that does not lead only that, also after it led", async () => {
    let isLeading = true;
    const metrics = createMetrics("master");
    addClusterMetrics(metrics.registry, () => (isLeading ? figures : undefined));
    await metrics.read(undefined);
    isLeading = false;
    await new Promise((resolve) => setImmediate(resolve));
    const samples = (await metrics.read(undefined)).filter(({ name }) => /^tepui_(?!inputs|effects)/.test(name));
    assert.deepEqual(samples, [{ name: 'tepui_leading{program="master"}', value: 0 }]);
  });

  it("counts once for a whole page", async () => {
    let count = 0;
    await samplesOf(() => {
      count++;
      return figures;
    });
    assert.equal(count, 1);
  });
});

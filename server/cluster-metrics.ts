/** What a leading master counts of its cluster, in Prometheus's terms. A master that does not lead says only that. */

import { Gauge, type Registry } from "prom-client";

import { fromMilli } from "../common/values.ts";
import type { ClusterFigures } from "./core/figures.ts";

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [labels: Labels, value: number];

/**
 * Every gauge but the first has labels: one without would be 0 where it should be absent. `read`: undefined while the master does not
 * lead.
 */
export function addClusterMetrics(registry: Registry, read: () => ClusterFigures | undefined): void {
  const figures = oncePerTurn(read);
  const gauge = (
    name: string,
    help: string,
    labelNames: readonly string[],
    samples: (figures: ClusterFigures) => readonly Sample[],
  ): void => {
    new Gauge({
      name,
      help,
      labelNames,
      registers: [registry],
      collect() {
        this.reset();
        const known = figures();
        if (known === undefined) return;
        for (const [labels, value] of samples(known)) this.set(labels, value);
      },
    });
  };
  new Gauge({
    name: "tepui_leading",
    help: "1 for the master that leads, 0 for the others.",
    registers: [registry],
    collect() {
      this.set(figures() === undefined ? 0 : 1);
    },
  });
  gauge("tepui_agents", "Agents that are known, by how they stand.", ["standing"], ({ agents }) => byLabel("standing", agents));
  gauge("tepui_machines", "Machines with a maintenance window.", ["mode"], ({ machines }) => byLabel("mode", machines));
  gauge("tepui_frameworks", "Frameworks that have not ended.", ["connection"], ({ frameworks }) => byLabel("connection", frameworks));
  gauge("tepui_tasks", "Tasks whose end is not acknowledged.", ["state"], ({ tasks }) => byLabel("state", Object.fromEntries(tasks)));
  gauge("tepui_offers", "Offers that wait for an answer.", ["kind"], ({ offers }) => byLabel("kind", offers));
  gauge("tepui_resources", "Scalars of registered agents, by whose they are.", ["resource", "use"], resourceSamples);
  gauge("tepui_quota", "Guarantees and limits of roles, and what counts towards them.", ["role", "resource", "part"], quotaSamples);
}

function byLabel(label: string, counts: Readonly<Record<string, number>>): Sample[] {
  return Object.entries(counts).map(([value, count]) => [{ [label]: value }, count]);
}

function resourceSamples({ resources }: ClusterFigures): Sample[] {
  return Object.entries(resources).flatMap(([use, quantities]) =>
    [...quantities].map(([resource, milli]): Sample => [{ resource, use }, fromMilli(milli)]),
  );
}

function quotaSamples({ quotas }: ClusterFigures): Sample[] {
  return quotas.flatMap(({ role, name: resource, guaranteeMilli, limitMilli, consumedMilli }) => {
    const parts = { guarantee: guaranteeMilli, limit: limitMilli, consumed: consumedMilli };
    return Object.entries(parts).flatMap(([part, milli]): Sample[] =>
      milli === undefined ? [] : [[{ role, resource, part }, fromMilli(milli)]],
    );
  });
}

/** A page asks each metric by itself; all of them are of one instant, and counted once. */
function oncePerTurn<T>(read: () => T): () => T {
  let known: { readonly value: T } | undefined;
  return () => {
    if (known === undefined) {
      known = { value: read() };
      setImmediate(() => {
        known = undefined;
      });
    }
    return known.value;
  };
}

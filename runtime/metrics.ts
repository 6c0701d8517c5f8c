/** Metrics in Prometheus's text format: what every process of tepui has, and the two counters of a driven core. */

import { Counter, collectDefaultMetrics, Registry } from "prom-client";

export interface Metrics {
  /** For metrics of one's own. */
  readonly registry: Registry;
  countInput(kind: string): void;
  countEffect(kind: string): void;
  /** The page for `/metrics` and its content type. */
  render(): Promise<{ readonly contentType: string; readonly text: string }>;
}

/** `program` ("master", "agent") becomes a label of every metric. */
export function createMetrics(program: string): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ program });
  collectDefaultMetrics({ register: registry });
  return {
    registry,
    countInput: createKindCounter(registry, "tepui_inputs_total", "Inputs taken by the core."),
    countEffect: createKindCounter(registry, "tepui_effects_total", "Effects performed for the core."),
    render: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}

/** Counts in a map and tells Prometheus when asked: every input and effect passes here, and labels cost more than a step. */
function createKindCounter(registry: Registry, name: string, help: string): (kind: string) => void {
  const counts = new Map<string, number>();
  new Counter({
    name,
    help,
    labelNames: ["kind"],
    registers: [registry],
    collect() {
      this.reset();
      for (const [kind, count] of counts) this.inc({ kind }, count);
    },
  });
  return (kind) => counts.set(kind, (counts.get(kind) ?? 0) + 1);
}

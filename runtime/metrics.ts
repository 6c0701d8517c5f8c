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
  const inputs = new Counter({
    name: "tepui_inputs_total",
    help: "Inputs taken by the core.",
    labelNames: ["kind"],
    registers: [registry],
  });
  const effects = new Counter({
    name: "tepui_effects_total",
    help: "Effects performed for the core.",
    labelNames: ["kind"],
    registers: [registry],
  });
  return {
    registry,
    countInput: (kind) => inputs.inc({ kind }),
    countEffect: (kind) => effects.inc({ kind }),
    render: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}

/** Metrics in Prometheus's text format: what every process of tepui has, and the two counters of a driven core. */

import { Counter, collectDefaultMetrics, Registry } from "prom-client";

/** One number, named as on the page: `tepui_inputs_total{kind="tick",program="master"}`. */
export interface MetricSample {
  readonly name: string;
  readonly value: number;
}

export interface Metrics {
  /** For metrics of one's own. */
  readonly registry: Registry;
  countInput(kind: string): void;
  countEffect(kind: string): void;
  /** The page for `/metrics` and its content type. */
  render(): Promise<{ readonly contentType: string; readonly text: string }>;
  /** The numbers of the page. Without those that took longer than `timeoutMs`; undefined waits for all. */
  read(timeoutMs: number | undefined): Promise<readonly MetricSample[]>;
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
    read: (timeoutMs) => readSamples(registry, timeoutMs),
  };
}

async function readSamples(registry: Registry, timeoutMs: number | undefined): Promise<readonly MetricSample[]> {
  const { promise: overdue, resolve } = Promise.withResolvers<string>();
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => resolve(""), timeoutMs);
  const names = registry.getMetricsAsArray().map(({ name }) => name);
  const texts = await Promise.all(names.map((name) => Promise.race([registry.getSingleMetricAsString(name), overdue])));
  clearTimeout(timer);
  return texts.flatMap(toSamples);
}

/** The lines of one metric. Their format is that of the page, so that both name everything alike. */
function toSamples(text: string): readonly MetricSample[] {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return lines.map((line) => {
    const end = line.lastIndexOf(" ");
    return { name: line.slice(0, end), value: Number(line.slice(end + 1).replace("Inf", "Infinity")) };
  });
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

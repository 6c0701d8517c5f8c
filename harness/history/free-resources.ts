/** What a leader's snapshot says is free on an agent: neither used nor offered. */

import type { AgentSnapshot, ResourceJson } from "./event.ts";

/** Less than this is not worth an offer: the allocator's own smallest amounts, twice. */
const offerableCpusMilli = 20;
const offerableMemMilli = 64_000;

/** What is reserved is for some roles only, so it does not count. In thousandths; undefined when it is not enough to be offered. */
export function offerableFree(agent: AgentSnapshot): { readonly cpusMilli: number; readonly memMilli: number } | undefined {
  const cpusMilli = freeMilli(agent, "cpus");
  const memMilli = freeMilli(agent, "mem");
  return cpusMilli >= offerableCpusMilli && memMilli >= offerableMemMilli ? { cpusMilli, memMilli } : undefined;
}

function freeMilli(agent: AgentSnapshot, name: string): number {
  return sumMilli(agent.total, name) - sumMilli(agent.allocated, name) - sumMilli(agent.offered, name);
}

function sumMilli(resources: readonly ResourceJson[], name: string): number {
  return resources.reduce(
    (sum, resource) => (resource.name === name && resource.reservations === undefined ? sum + (resource.milli ?? 0) : sum),
    0,
  );
}

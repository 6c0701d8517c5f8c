/** The steps that suites are written in: each does one thing to one framework, or lets time pass. */

import type { Step } from "../../harness/workload/catalog.ts";
import type { AcceptOfferStep, TaskStep } from "../../harness/workload/commands/accept-offer.ts";

export const look: Step = { kind: "snapshot", freeWithinMs: 0 };

export function subscribe(framework: number): Step {
  return { kind: "subscribe", framework, evenIfSubscribed: false };
}

export function accept(framework: number, offer: number, tasks: readonly TaskStep[]): AcceptOfferStep {
  return { kind: "acceptOffer", framework, offer, tasks, refuseSeconds: 0, twist: "none" };
}

export function task(part: Partial<TaskStep> = {}): TaskStep {
  return { cpusMilli: 100, memMilli: 32_000, durationMs: null, exitCode: 0, ignoresSigterm: false, daemonCount: 0, ...part };
}

export function pass(durationMs: number): Step {
  return { kind: "advanceTime", durationMs };
}

export function decline(framework: number, refuseSeconds: number): Step {
  return { kind: "declineOffer", framework, offer: 0, all: true, refuseSeconds };
}

export function wantNoMore(framework: number): readonly Step[] {
  return [{ kind: "suppress", framework, roles: "all" }, decline(framework, 1)];
}

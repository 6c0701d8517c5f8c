/** REQUEST: a wish that nobody hears. */

import fc from "fast-check";
import { type CommandKind, position } from "../command.ts";

export interface RequestStep {
  readonly kind: "request";
  readonly framework: number;
  readonly cpusMilli: number;
}

export const request: CommandKind<RequestStep> = {
  arbitrary: fc.record({ kind: fc.constant("request"), framework: position, cpusMilli: fc.constantFrom(1, 1_000, 1_000_000) }),
  check: (world, step) => world.framework(step.framework).isSubscribed,
  run: (world, step) => world.framework(step.framework).send({ kind: "request", resources: [{ name: "cpus", milli: step.cpusMilli }] }),
};

/** Does the looks at tasks that the agent's core orders. How many go on at a time, and for how long, is the core's business. */

import { assertNever } from "../../common/assert.ts";
import type { CheckId } from "../../common/ids.ts";
import type { ContainerRuntime } from "../containers/container-runtime.ts";
import type { ProbeResult } from "../core/checks/check-spec.ts";
import type { AgentEffect } from "../core/effect.ts";
import type { AgentInput } from "../core/input.ts";
import { startHttpProbe } from "./http-probe.ts";
import { startTcpProbe } from "./tcp-probe.ts";

type StartCheck = Extract<AgentEffect, { readonly kind: "startCheck" }>;
type CheckDone = Extract<AgentInput, { readonly kind: "checkDone" }>;

export interface CheckRunner {
  /** Heard back as `checkDone`, once, unless it is stopped before. */
  start(order: StartCheck): void;
  /** Nothing of the look is left, and nothing is heard of it. */
  stop(checkId: CheckId): void;
}

export function createCheckRunner(containers: Pick<ContainerRuntime, "runBeside">, listener: (done: CheckDone) => void): CheckRunner {
  const stops = new Map<CheckId, () => void>();

  function start(order: StartCheck): void {
    const { checkId } = order;
    let isDone = false;
    const stop = startProbe(order, (result) => {
      isDone = true;
      stops.delete(checkId);
      listener({ kind: "checkDone", checkId, result });
    });
    if (!isDone) stops.set(checkId, stop);
  }

  function startProbe({ probe, containerId, frameworkUser }: StartCheck, onEnd: (result: ProbeResult) => void): () => void {
    switch (probe.kind) {
      case "command":
        return containers.runBeside({ containerId, command: probe.command, frameworkUser }, onEnd);
      case "http":
        return startHttpProbe(probe, onEnd);
      case "tcp":
        return startTcpProbe(probe, onEnd);
      default:
        return assertNever(probe);
    }
  }

  function stop(checkId: CheckId): void {
    stops.get(checkId)?.();
    stops.delete(checkId);
  }

  return { start, stop };
}

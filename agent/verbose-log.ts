/** What the log says besides what is always worth reading: what the master orders when it is for debugging, every step at most. */

import type { Logger } from "../runtime/logger.ts";
import type { AgentEffect } from "./core/effect.ts";
import type { AgentInput } from "./core/input.ts";

export interface VerboseLog {
  input(input: AgentInput): void;
  effect(effect: AgentEffect): void;
}

/** Costs one comparison for what is not logged: every input and effect passes here. */
export function createVerboseLog(logger: Logger): VerboseLog {
  return {
    input: (input) => {
      if (!logger.isLevelEnabled("debug")) return;
      if (input.kind === "masterMessage") logger.debug({ message: input.message.kind }, "from the master");
      else logger.trace({ input: input.kind }, "input");
    },
    effect: (effect) => {
      if (!logger.isLevelEnabled("debug")) return;
      if (effect.kind === "checkpoint") logger.debug({ batch: effect.batch, count: effect.changes.length }, "checkpoint write");
      else logger.trace({ effect: effect.kind }, "effect");
    },
  };
}

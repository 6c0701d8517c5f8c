/** What the log says besides what is always worth reading: calls and registry writes when it is for debugging, every step at most. */

import type { Logger } from "../runtime/logger.ts";
import type { MasterEffect } from "./core/effect.ts";
import type { MasterInput } from "./core/input.ts";

export interface VerboseLog {
  input(input: MasterInput): void;
  effect(effect: MasterEffect): void;
}

/** Costs one comparison for what is not logged: every input and effect passes here. */
export function createVerboseLog(logger: Logger): VerboseLog {
  return {
    input: (input) => {
      if (!logger.isLevelEnabled("debug")) return;
      if (input.kind === "schedulerCall") logger.debug({ frameworkId: input.frameworkId, call: input.call.kind }, "scheduler's call");
      else if (input.kind === "operatorCall") logger.debug({ call: input.call.kind }, "operator's call");
      else logger.trace({ input: input.kind }, "input");
    },
    effect: (effect) => {
      if (!logger.isLevelEnabled("debug")) return;
      if (effect.kind === "writeRegistry") {
        const { expectedVersion, changes } = effect;
        logger.debug({ expectedVersion, keys: changes.map(({ key }) => key) }, "registry write");
      } else logger.trace({ effect: effect.kind }, "effect");
    },
  };
}

/** Does what the master's core wants done: one arm for each effect, in order, never waiting. */

import { assertNever } from "../common/assert.ts";
import type { Logger } from "../runtime/logger.ts";
import type { MasterEffect } from "./core/effect.ts";
import type { AgentService } from "./grpc/agent-service.ts";
import type { OperatorService } from "./grpc/operator-service.ts";
import type { SchedulerService } from "./grpc/scheduler-service.ts";
import type { Registry } from "./registry.ts";

export interface MasterWorld {
  readonly registry: Registry;
  readonly schedulers: SchedulerService;
  readonly agents: AgentService;
  readonly operators: OperatorService;
  readonly logger: Logger;
  /** Ends this process after the current step; somebody starts it again. */
  readonly exit: (reason: string) => void;
}

export function createPerform(world: MasterWorld): (effect: MasterEffect) => void {
  const { registry, schedulers, agents, operators, logger, exit } = world;
  return (effect) => {
    switch (effect.kind) {
      case "readRegistry":
        return registry.read();
      case "writeRegistry":
        return registry.write(effect.expectedVersion, effect.changes);
      case "sendToScheduler":
        return schedulers.send(effect.streamId, effect.event);
      case "closeSchedulerStream":
        return schedulers.close(effect.streamId, effect.refusal);
      case "reply":
        return schedulers.reply(effect.callId, effect.refusal);
      case "sendToOperators":
        return operators.send(effect.streamIds, effect.event);
      case "closeOperatorStream":
        return operators.close(effect.streamId, effect.refusal);
      case "operatorReply":
        return operators.reply(effect.callId, effect.response);
      case "operatorRefuse":
        return operators.refuse(effect.callId, effect.refusal);
      case "sendToAgent":
        return agents.send(effect.linkId, effect.message);
      case "closeAgentLink":
        return agents.close(effect.linkId, effect.refusal);
      case "log":
        return logger[effect.level](effect.fields, effect.message);
      case "exit":
        return exit(effect.reason);
      default:
        return assertNever(effect);
    }
  };
}

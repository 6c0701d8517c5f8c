/** Does what the agent's core wants done: one arm for each effect, in order, never waiting. */

import { assertNever } from "../common/assert.ts";
import type { Logger } from "../runtime/logger.ts";
import type { CheckpointStore } from "./checkpoint-store.ts";
import type { CheckRunner } from "./checks/check-runner.ts";
import type { ContainerRuntime } from "./containers/container-runtime.ts";
import type { Volumes } from "./containers/volumes.ts";
import type { AgentEffect } from "./core/effect.ts";
import type { ExecutorService } from "./grpc/executor-service.ts";
import type { MasterClient } from "./grpc/master-client.ts";

export interface AgentWorld {
  readonly containers: ContainerRuntime;
  readonly volumes: Volumes;
  readonly checks: CheckRunner;
  readonly checkpoint: CheckpointStore;
  readonly master: MasterClient;
  readonly executors: ExecutorService;
  readonly logger: Logger;
  /** Ends this process after the current step. */
  readonly exit: (code: number, reason: string) => void;
}

export function createPerform(world: AgentWorld): (effect: AgentEffect) => void {
  const { containers, volumes, checks, checkpoint, master, executors, logger, exit } = world;
  return (effect) => {
    switch (effect.kind) {
      case "openLink":
        return master.open(effect.linkId, effect.leader);
      case "closeLink":
        return master.close(effect.linkId);
      case "sendToMaster":
        return master.send(effect.linkId, effect.message);
      case "sendToExecutor":
        return executors.send(effect.streamId, effect.event);
      case "closeExecutorStream":
        return executors.close(effect.streamId, effect.refusal);
      case "replyToExecutor":
        return executors.reply(effect.callId, effect.refusal);
      case "checkpoint":
        return checkpoint.write(effect.batch, effect.changes);
      case "launchContainer":
        return containers.launch(effect.spec);
      case "killContainer":
        return containers.kill(effect.containerId, effect.graceMs);
      case "limitContainer":
        return containers.limit(effect.containerId, effect.limits);
      case "killAllContainers":
        return containers.killAll(effect.timeoutMs);
      case "startCheck":
        return checks.start(effect);
      case "stopCheck":
        return checks.stop(effect.checkId);
      case "removeContainer":
        return containers.remove(effect.containerId);
      case "keepVolumes":
        return volumes.keep(effect.volumes);
      case "log":
        return logger[effect.level](effect.fields, effect.message);
      case "exit":
        return exit(effect.code, effect.reason);
      default:
        return assertNever(effect);
    }
  };
}

/** The RPCs of AgentOperator about single containers: their output, and those that operators start within them. */

import { existsSync } from "node:fs";
import { join } from "node:path";

import type { ContainerId } from "../common/ids.ts";
import { type Result, refuse, succeed } from "../common/result.ts";
import type { Method } from "../runtime/grpc/server.ts";
import { NestedContainers } from "./containers/nested-containers.ts";
import type { OutputSource } from "./containers/output-follower.ts";
import type { ProcessRuntime } from "./containers/process-runtime.ts";
import { ownUser } from "./containers/run-as.ts";
import type { AgentCore } from "./core/agent.ts";
import type { ContainerSummary } from "./core/container-summary.ts";
import { createAttachOutput } from "./grpc/attach-output.ts";
import { recovers } from "./grpc/nested-access.ts";
import { createNestedMethods } from "./grpc/nested-methods.ts";
import type { OpenSandboxes } from "./open-sandboxes.ts";

/** What is known once the agent has recovered. */
interface Known {
  readonly core: Pick<AgentCore, "surroundings">;
  readonly containers: Pick<ProcessRuntime, "findPlace">;
  readonly sandboxes: OpenSandboxes;
}

export interface ContainerAccess {
  readonly methods: ReadonlyMap<string, Method>;
  start(known: Known): void;
  /** Containers that operators started. */
  nested(): readonly ContainerSummary[];
  close(): void;
}

export function createContainerAccess(switchUser: boolean): ContainerAccess {
  let access: (Known & { readonly nested: NestedContainers }) | undefined;

  function findOutput(containerId: ContainerId): Result<OutputSource> {
    if (access === undefined) return recovers;
    const { containers, nested, sandboxes } = access;
    const command = nested.find(containerId);
    if (command?.isSession === true) return refuse("FAILED_PRECONDITION", `the output of ${containerId} goes to the call that launched it`);
    if (command !== undefined) {
      // The command makes them itself, as its user.
      const folder = (): string | undefined => (existsSync(join(command.folder, "stderr")) ? command.folder : undefined);
      return succeed({ folder, isRunning: () => nested.find(containerId) === command });
    }
    const isRunning = (): boolean => containers.findPlace(containerId) !== undefined;
    if (!isRunning()) return refuse("NOT_FOUND", `container ${containerId} does not run`);
    return succeed({ folder: () => sandboxes.sandboxes.folderOf(containerId), isRunning });
  }

  const attachOutput = createAttachOutput(findOutput);
  const nestedMethods = createNestedMethods(() => access && { nested: access.nested, surroundingsOf: access.core.surroundings });
  return {
    methods: new Map<string, Method>([...nestedMethods, ["AttachContainerOutput", attachOutput.method]]),
    start: (known) => {
      const { folder: workDirectory } = known.sandboxes;
      const findPlace = (containerId: ContainerId) => known.containers.findPlace(containerId);
      access = { ...known, nested: new NestedContainers({ findPlace, users: { own: ownUser(), switchUser }, workDirectory }) };
    },
    nested: () => {
      const { nested, core } = access ?? {};
      return (nested?.running() ?? []).flatMap(({ containerId, parentId }) => {
        const around = core?.surroundings(parentId);
        if (around === undefined) return [];
        const { frameworkId, executorId } = around;
        return [{ containerId, parentId, frameworkId, executorId, executorName: "", resources: [] }];
      });
    },
    close: () => {
      attachOutput.closeAll({ code: "UNAVAILABLE", message: "the agent ends" });
      access?.nested.close();
    },
  };
}

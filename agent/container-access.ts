/** The RPCs of AgentOperator about single containers: their output, and those that operators start within them. */

import { existsSync } from "node:fs";
import { join } from "node:path";

import type { ContainerId } from "../common/ids.ts";
import { type Result, refuse, succeed } from "../common/result.ts";
import type { Method } from "../runtime/grpc/server.ts";
import { NestedContainers, type NestingRuntime } from "./containers/nested-containers.ts";
import type { OutputSource } from "./containers/output-follower.ts";
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
  readonly containers: NestingRuntime;
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
    const own = nested.find(containerId);
    if (own?.isSession === true) return refuse("FAILED_PRECONDITION", `the output of ${containerId} goes to the call that launched it`);
    if (own !== undefined) {
      // The command makes them itself, as its user.
      const folder = (): string | undefined => {
        const known = nested.find(containerId)?.folder;
        return known !== undefined && existsSync(join(known, "stderr")) ? known : undefined;
      };
      return succeed({ folder, isRunning: () => nested.find(containerId) !== undefined });
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
      const { folder: workDirectory, sandboxes } = known.sandboxes;
      const folderOf = (containerId: ContainerId) => sandboxes.folderOf(containerId);
      const users = { own: ownUser(), switchUser };
      access = { ...known, nested: new NestedContainers({ runtime: known.containers, folderOf, users, workDirectory }) };
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

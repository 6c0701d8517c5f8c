/** Reads what a ContainerInfo asks of the agent, once it is known to keep the rules (common/container-rules.ts). */

import { processLimitNames } from "../../common/container-rules.ts";
import { volumeTarget } from "../../common/container-volumes.ts";
import { type ContainerInfo, type RLimitInfo_RLimit, Volume_Mode } from "../../protos/gen/mesos/v1/mesos.ts";
import type { ContainerSetup, ProcessLimit } from "../core/container-setup.ts";

/** Undefined when it asks for nothing beyond what every container has. */
export function toContainerSetup(container: ContainerInfo | undefined): ContainerSetup | undefined {
  const volumes = (container?.volumes ?? []).map((volume) => ({
    containerPath: volume.containerPath,
    target: volumeTarget(volume),
    isReadOnly: volume.mode === Volume_Mode.RO,
  }));
  const processLimits = (container?.rlimitInfo?.rlimits ?? []).map(toProcessLimit);
  return volumes.length + processLimits.length === 0 ? undefined : { volumes, processLimits };
}

function toProcessLimit({ type, soft, hard }: RLimitInfo_RLimit): ProcessLimit {
  const range = soft === undefined || hard === undefined ? undefined : { soft, hard };
  return { name: processLimitNames.get(type ?? 0) ?? "", range };
}

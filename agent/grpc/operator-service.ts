/** The AgentOperator service: what the process says of itself, and its containers. Calls that are not registered answer UNIMPLEMENTED. */

import { version } from "../../common/version.ts";
import { Response_GetFlags, Response_GetHealth, Response_GetVersion } from "../../protos/gen/mesos/v1/agent/agent.ts";
import type { Flag } from "../../protos/gen/mesos/v1/mesos.ts";
import type { Method, Service } from "../../runtime/grpc/server.ts";
import { toStatus } from "../../runtime/grpc/status.ts";
import { type ContainerReport, encodeGetContainers, requestRefusal } from "../wire/operator.ts";

export interface OperatorServiceOptions {
  readonly flags: readonly Flag[];
  /** Undefined while the agent recovers. */
  readonly describeContainers: () => readonly ContainerReport[] | undefined;
}

export function createOperatorService({ flags, describeContainers }: OperatorServiceOptions): Service {
  /** `answer` makes the answer's bytes; undefined while there is none. */
  const tell = (requestName: string, answer: (request: Uint8Array) => Uint8Array | undefined): Method => ({
    kind: "unary",
    handle: ({ request }, settle) => {
      const refusal = requestRefusal(requestName, request);
      if (refusal !== undefined) {
        settle(toStatus(refusal));
        return;
      }
      const bytes = answer(request);
      if (bytes === undefined) settle(toStatus({ code: "UNAVAILABLE", message: "the agent recovers" }));
      else settle(null, bytes);
    },
  });
  const getContainers = (request: Uint8Array): Uint8Array | undefined => {
    const reports = describeContainers();
    return reports === undefined ? undefined : encodeGetContainers(request, reports);
  };
  const empty = "google.protobuf.Empty";
  const methods = new Map<string, Method>([
    ["GetHealth", tell(empty, () => Response_GetHealth.encode({ healthy: true }).finish())],
    ["GetVersion", tell(empty, () => Response_GetVersion.encode({ versionInfo: { version } }).finish())],
    ["GetFlags", tell(empty, () => Response_GetFlags.encode({ flags: [...flags] }).finish())],
    ["GetContainers", tell("mesos.v1.agent.Call.GetContainers", getContainers)],
  ]);
  return { name: "tepui.v1.AgentOperator", methods };
}

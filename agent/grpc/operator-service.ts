/** The AgentOperator service: what the process says of itself, and its containers. Calls that are not registered answer UNIMPLEMENTED. */

import { createProcessMethods, type ProcessDescription } from "../../runtime/grpc/process-methods.ts";
import type { Method, Service } from "../../runtime/grpc/server.ts";
import { toStatus } from "../../runtime/grpc/status.ts";
import { type ContainerReport, encodeGetContainers, requestRefusal } from "../wire/operator.ts";

export interface OperatorServiceOptions extends Omit<ProcessDescription, "owner"> {
  /** Undefined while the agent recovers. */
  readonly describeContainers: () => readonly ContainerReport[] | undefined;
}

export function createOperatorService({ describeContainers, ...process }: OperatorServiceOptions): Service {
  const getContainers: Method = {
    kind: "unary",
    handle: ({ request }, settle) => {
      const refusal = requestRefusal("mesos.v1.agent.Call.GetContainers", request);
      if (refusal !== undefined) {
        settle(toStatus(refusal));
        return;
      }
      const reports = describeContainers();
      if (reports === undefined) settle(toStatus({ code: "UNAVAILABLE", message: "the agent recovers" }));
      else settle(null, encodeGetContainers(request, reports));
    },
  };
  const methods = new Map<string, Method>([...createProcessMethods({ ...process, owner: "agent" }), ["GetContainers", getContainers]]);
  return { name: "tepui.v1.AgentOperator", methods };
}

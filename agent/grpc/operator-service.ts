/** The AgentOperator service: what the process says of itself, and its containers. Calls that are not registered answer UNIMPLEMENTED. */

import { createProcessMethods, type ProcessDescription } from "../../runtime/grpc/process-methods.ts";
import type { Method, Service } from "../../runtime/grpc/server.ts";
import { toStatus } from "../../runtime/grpc/status.ts";
import type { OperatorQuestion } from "../core/operator/operator-answer.ts";
import { type ContainerReport, encodeGetContainers, requestRefusal } from "../wire/operator.ts";

export interface OperatorServiceOptions extends Omit<ProcessDescription, "owner"> {
  /** Undefined while the agent recovers. */
  readonly describeContainers: () => readonly ContainerReport[] | undefined;
  /** Bytes of the answer; undefined while the agent recovers. */
  readonly answer: (question: OperatorQuestion) => Uint8Array | undefined;
  /** RPCs about single containers, by name. */
  readonly containerMethods: ReadonlyMap<string, Method>;
}

export function createOperatorService({ describeContainers, answer, containerMethods, ...process }: OperatorServiceOptions): Service {
  const ask = (question: OperatorQuestion): Method => tell("google.protobuf.Empty", () => answer(question));
  const getContainers = (request: Uint8Array): Uint8Array | undefined => {
    const reports = describeContainers();
    return reports === undefined ? undefined : encodeGetContainers(request, reports);
  };
  const methods = new Map<string, Method>([
    ...createProcessMethods({ ...process, owner: "agent" }),
    ["GetState", ask("getState")],
    ["GetFrameworks", ask("getFrameworks")],
    ["GetExecutors", ask("getExecutors")],
    ["GetOperations", ask("getOperations")],
    ["GetTasks", ask("getTasks")],
    ["GetAgent", ask("getAgent")],
    ["GetContainers", tell("mesos.v1.agent.Call.GetContainers", getContainers)],
    ...containerMethods,
  ]);
  return { name: "tepui.v1.AgentOperator", methods };
}

/** `answer` makes the answer's bytes; undefined while there is none. */
function tell(requestName: string, answer: (request: Uint8Array) => Uint8Array | undefined): Method {
  return {
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
  };
}

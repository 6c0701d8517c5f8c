/** What an executor hears, as a tagged union over the messages of mesos.v1. */

import { Event, Event_Type } from "../protos/gen/mesos/v1/executor/executor.ts";
import type { AgentInfo, ExecutorInfo, FrameworkInfo, TaskInfo } from "../protos/gen/mesos/v1/mesos.ts";

export type ExecutorEvent =
  | {
      readonly kind: "subscribed";
      readonly executor: ExecutorInfo | undefined;
      readonly framework: FrameworkInfo | undefined;
      readonly agent: AgentInfo | undefined;
    }
  | { readonly kind: "launch"; readonly task: TaskInfo }
  | { readonly kind: "launchGroup"; readonly tasks: readonly TaskInfo[] }
  /** Without a grace the task's own kill policy counts. */
  | { readonly kind: "kill"; readonly taskId: string; readonly graceMs: number | undefined }
  /** The agent has the update for good. */
  | { readonly kind: "acknowledged"; readonly taskId: string; readonly uuid: Uint8Array }
  | { readonly kind: "message"; readonly data: Uint8Array }
  /** End all tasks, say so, and return from `onEvent`. */
  | { readonly kind: "shutdown" }
  | { readonly kind: "error"; readonly message: string }
  | { readonly kind: "heartbeat" };

/** The event in `bytes`; undefined for a type that this SDK does not know. Throws on bytes that are no event. */
export function decodeExecutorEvent(bytes: Uint8Array): ExecutorEvent | undefined {
  const event = Event.decode(bytes);
  switch (event.type) {
    case Event_Type.SUBSCRIBED: {
      const { executorInfo: executor, frameworkInfo: framework, agentInfo: agent } = event.subscribed ?? {};
      return { kind: "subscribed", executor, framework, agent };
    }
    case Event_Type.LAUNCH:
      return event.launch?.task === undefined ? undefined : { kind: "launch", task: event.launch.task };
    case Event_Type.LAUNCH_GROUP:
      return { kind: "launchGroup", tasks: event.launchGroup?.taskGroup?.tasks ?? [] };
    case Event_Type.KILL: {
      const grace = event.kill?.killPolicy?.gracePeriod?.nanoseconds;
      return { kind: "kill", taskId: event.kill?.taskId?.value ?? "", graceMs: grace === undefined ? undefined : Number(grace) / 1e6 };
    }
    case Event_Type.ACKNOWLEDGED:
      return {
        kind: "acknowledged",
        taskId: event.acknowledged?.taskId?.value ?? "",
        uuid: event.acknowledged?.uuid ?? new Uint8Array(),
      };
    case Event_Type.MESSAGE:
      return { kind: "message", data: event.message?.data ?? new Uint8Array() };
    case Event_Type.SHUTDOWN:
      return { kind: "shutdown" };
    case Event_Type.ERROR:
      return { kind: "error", message: event.error?.message ?? "" };
    case Event_Type.HEARTBEAT:
      return { kind: "heartbeat" };
    default:
      return undefined;
  }
}

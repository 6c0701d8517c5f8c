/** Everything that can happen to a master. */

import type { FrameworkId, LinkId, StreamId } from "../../common/ids.ts";
import type { AgentToMaster } from "./agent-message.ts";
import type { SchedulerCall, SubscribeCall } from "./calls/call.ts";
import type { MasterAddress } from "./event.ts";
import type { OperatorCall } from "./operator/operator-call.ts";
import type { RegistryRecord } from "./registry-record.ts";

/** Numbers the calls that wait for a reply; given by the shell. */
export type CallId = number;

export type MasterInput =
  | { readonly kind: "tick" }
  | { readonly kind: "leadershipGained" }
  | { readonly kind: "leadershipLost" }
  | { readonly kind: "leaderChanged"; readonly leader: MasterAddress | undefined }
  /** Answers the effect `readRegistry`. */
  | { readonly kind: "registryRead"; readonly version: number; readonly records: readonly RegistryRecord[] }
  /** Answers the effect `writeRegistry`: its changes are durable and the registry has this version. */
  | { readonly kind: "registryWritten"; readonly version: number }
  /** Another master wrote, or the store cannot be written: this master must not go on. */
  | { readonly kind: "registryFailed"; readonly reason: string }
  /** `streamId` is new and unique, made by the shell. */
  | { readonly kind: "subscribe"; readonly streamId: StreamId; readonly call: SubscribeCall }
  | { readonly kind: "schedulerStreamClosed"; readonly streamId: StreamId }
  | {
      readonly kind: "schedulerCall";
      readonly callId: CallId;
      readonly frameworkId: FrameworkId;
      /** What the caller sent as `mesos-stream-id`. */
      readonly streamId: StreamId | undefined;
      readonly call: SchedulerCall;
    }
  | { readonly kind: "agentLinkOpened"; readonly linkId: LinkId; readonly peer: string }
  | { readonly kind: "agentLinkClosed"; readonly linkId: LinkId }
  | { readonly kind: "agentMessage"; readonly linkId: LinkId; readonly message: AgentToMaster }
  /** `streamId` is new and unique, made by the shell. */
  | { readonly kind: "operatorSubscribe"; readonly streamId: StreamId }
  | { readonly kind: "operatorStreamClosed"; readonly streamId: StreamId }
  | { readonly kind: "operatorCall"; readonly callId: CallId; readonly call: OperatorCall };

/** Everything that a master can want done. `perform.ts` and the simulator do these in the order in which they come. */

import type { LinkId, StreamId } from "../../common/ids.ts";
import type { Refusal } from "../../common/result.ts";
import type { MasterToAgent } from "./agent-message.ts";
import type { MasterAddress, SchedulerEvent } from "./event.ts";
import type { CallId } from "./input.ts";
import type { OperatorResponse } from "./operator/operator-call.ts";
import type { OperatorEvent } from "./operator/operator-event.ts";
import type { RegistryChange } from "./registry-record.ts";

/** Both fields go into trailing metadata. */
export interface CallRefusal extends Refusal {
  /** Where the leader is, if this master is not it and knows it. */
  readonly leader?: MasterAddress | undefined;
  /** This master does not lead, or not yet: it took nothing, so that the call may be repeated anywhere. */
  readonly isNotLeading?: true;
}

export type MasterEffect =
  | { readonly kind: "readRegistry" }
  /** All or nothing, and only if the registry still has `expectedVersion`; it then has the next one. */
  | { readonly kind: "writeRegistry"; readonly expectedVersion: number; readonly changes: readonly RegistryChange[] }
  | { readonly kind: "sendToScheduler"; readonly streamId: StreamId; readonly event: SchedulerEvent }
  /** Ends the stream after what was sent before; `refusal` undefined ends it with OK. */
  | { readonly kind: "closeSchedulerStream"; readonly streamId: StreamId; readonly refusal: CallRefusal | undefined }
  /** Answers a scheduler call; `refusal` undefined means that it was taken. */
  | { readonly kind: "reply"; readonly callId: CallId; readonly refusal: CallRefusal | undefined }
  /** The same for each of them. */
  | { readonly kind: "sendToOperators"; readonly streamIds: readonly StreamId[]; readonly event: OperatorEvent }
  | { readonly kind: "closeOperatorStream"; readonly streamId: StreamId; readonly refusal: CallRefusal }
  | { readonly kind: "operatorReply"; readonly callId: CallId; readonly response: OperatorResponse }
  | { readonly kind: "operatorRefuse"; readonly callId: CallId; readonly refusal: CallRefusal }
  | { readonly kind: "sendToAgent"; readonly linkId: LinkId; readonly message: MasterToAgent }
  | { readonly kind: "closeAgentLink"; readonly linkId: LinkId; readonly refusal: CallRefusal | undefined }
  | {
      readonly kind: "log";
      readonly level: "debug" | "info" | "warn";
      readonly message: string;
      readonly fields: Readonly<Record<string, string | number>>;
    }
  /** This master must end and be started again, as a standby. */
  | { readonly kind: "exit"; readonly reason: string };

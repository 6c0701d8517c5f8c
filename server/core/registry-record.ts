/** What the registry holds, one record a key. `wire/registry-codec.ts` turns records into bytes; a store keeps the bytes. */

import type { AgentId, FrameworkId } from "../../common/ids.ts";
import type { AgentDescription } from "./agent-message.ts";
import type { Deactivation } from "./agents/standing.ts";
import type { FrameworkDescription } from "./calls/call.ts";
import type { Schedule } from "./maintenance/schedule.ts";
import type { Quotas } from "./roles/quota.ts";
import type { Weights } from "./roles/weights.ts";

export type AgentRecordState =
  | { readonly kind: "admitted" }
  | { readonly kind: "unreachable"; readonly sinceWallMs: number }
  /** The agent left by itself (drain now); the id is retired. Kept so that a restarted agent cannot use it again. */
  | { readonly kind: "removed"; readonly atWallMs: number }
  /** The operator has used the id up. */
  | { readonly kind: "gone"; readonly atWallMs: number; readonly tasksAnnounced: boolean };

export type RegistryRecord =
  | { readonly kind: "leader"; readonly masterId: string; readonly term: number }
  | {
      readonly kind: "agent";
      readonly agentId: AgentId;
      readonly agent: AgentDescription;
      readonly state: AgentRecordState;
      /** Its tasks of frameworks without checkpoint were given up as lost; they end when it is back. */
      readonly tasksAbandoned?: true | undefined;
    }
  | { readonly kind: "deactivation"; readonly agentId: AgentId; readonly deactivation: Deactivation }
  | { readonly kind: "schedule"; readonly schedule: Schedule }
  | { readonly kind: "weights"; readonly weights: Weights }
  | { readonly kind: "quotas"; readonly quotas: Quotas }
  | {
      readonly kind: "framework";
      readonly frameworkId: FrameworkId;
      readonly framework: FrameworkDescription;
      readonly state:
        | { readonly kind: "active" }
        /** Nobody is subscribed; at this Unix time the framework is removed. */
        | { readonly kind: "disconnected"; readonly deadlineWallMs: number }
        | { readonly kind: "completed"; readonly atWallMs: number };
    };

/** `agent/<id>`, `deactivation/<agent id>`, `framework/<id>`, `schedule`, `weights`, `quotas` or `leader`. */
export type RegistryKey = string;

export type RegistryChange =
  | { readonly kind: "put"; readonly key: RegistryKey; readonly record: RegistryRecord }
  | { readonly kind: "delete"; readonly key: RegistryKey };

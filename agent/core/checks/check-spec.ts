/** How the agent looks at a task of its own, and what one look can find. Decoded from CheckInfo and HealthCheck. */

import type { CommandDescription } from "../command-description.ts";

/** `check` reports what it finds; `health` ends the task when it keeps failing. A task may have both. */
export type CheckPurpose = "check" | "health";

/** Tasks share the agent's network. */
export type LoopbackAddress = "127.0.0.1" | "::1";

export type Probe =
  | { readonly kind: "command"; readonly command: CommandDescription }
  /** A GET; `path` begins with a slash. */
  | {
      readonly kind: "http";
      readonly scheme: "http" | "https";
      readonly address: LoopbackAddress;
      readonly port: number;
      readonly path: string;
    }
  | { readonly kind: "tcp"; readonly address: LoopbackAddress; readonly port: number };

export interface CheckSpec {
  readonly probe: Probe;
  /** From the start of the task to the first look. */
  readonly delayMs: number;
  /** From the end of a look to the next. */
  readonly intervalMs: number;
  /** Undefined: as long as it takes. */
  readonly timeoutMs: number | undefined;
}

export interface HealthCheckSpec extends CheckSpec {
  /** For so long after the start failures do not count, until the first success. */
  readonly gracePeriodMs: number;
  /** So many failures in a row end the task. */
  readonly failuresMax: number;
}

export type ProbeResult =
  | { readonly kind: "exited"; readonly code: number }
  | { readonly kind: "signalled"; readonly signal: number }
  | { readonly kind: "responded"; readonly statusCode: number }
  | { readonly kind: "connected" }
  /** Nobody listens, or the answer is none. */
  | { readonly kind: "noAnswer"; readonly reason: string }
  | { readonly kind: "timedOut" }
  /** The agent itself could not look; that says nothing of the task. */
  | { readonly kind: "notDone"; readonly reason: string };

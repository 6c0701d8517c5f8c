/** What an impostor of the workload says: messages of an agent, from somebody who is none. */

/** Each carries something by which it is known again, should anybody ever hear of it. */
export type ClaimJson =
  /** `credential`: 16 bytes in hexadecimal digits, guessed; absent when none is brought. */
  | { readonly kind: "unregister"; readonly credential?: string }
  | { readonly kind: "reregister"; readonly hostname: string; readonly credential: string }
  | { readonly kind: "leaving" }
  | { readonly kind: "update"; readonly frameworkId: string; readonly taskId: string; readonly uuid: string }
  | { readonly kind: "operationUpdate"; readonly frameworkId: string; readonly operationId: string; readonly uuid: string }
  | { readonly kind: "exitedExecutor"; readonly frameworkId: string; readonly executorId: string; readonly status: number }
  | { readonly kind: "executorMessage"; readonly frameworkId: string; readonly executorId: string; readonly data: string }
  | { readonly kind: "pong" };

/** How the master took a claim: the link opened or closed, or what it said on it. */
export type ClaimAnswer = "opened" | "closed" | "refuse" | "registered" | "reregistered" | "unregistered" | "other";

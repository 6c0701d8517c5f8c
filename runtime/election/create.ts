/** Chooses an election by the name that a flag gives. */

import { assertNever } from "../../common/assert.ts";
import type { Election } from "./election.ts";
import { createStandaloneElection } from "./standalone.ts";

export const electionKinds = ["standalone"] as const;
export type ElectionKind = (typeof electionKinds)[number];

export function createElection<Candidate>(kind: ElectionKind, candidate: Candidate): Election<Candidate> {
  switch (kind) {
    case "standalone":
      return createStandaloneElection(candidate);
    default:
      return assertNever(kind);
  }
}

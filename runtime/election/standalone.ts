/** The election of a single master: whoever contends leads, for good. Two of them are kept apart by the registry's lock. */

import type { Election, ElectionListener } from "./election.ts";

export function createStandaloneElection<Candidate>(candidate: Candidate): Election<Candidate> {
  return {
    contend: (listener: ElectionListener<Candidate>) => {
      listener.onLeaderChanged(candidate);
      listener.onGained();
    },
    stop: async () => {},
  };
}

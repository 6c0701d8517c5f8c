/** Somebody who speaks for agents without being one: knows their ids and what frameworks know, but no credential. */

import type { Cluster } from "../cluster.ts";
import type { ClaimJson } from "../history/claim-json.ts";
import type { Recorder } from "../history/recorder.ts";
import { encodeClaims, readAnswers } from "./claim-codec.ts";

export class Impostor {
  readonly #cluster: Cluster;
  readonly #recorder: Recorder;

  constructor(cluster: Cluster, recorder: Recorder) {
    this.#cluster = cluster;
    this.#recorder = recorder;
  }

  /** Says all of this on one new link, and records what it is answered. */
  speakFor(agentId: string, claims: readonly ClaimJson[]): void {
    const recorder = this.#recorder;
    const imposture = recorder.nextImposture();
    recorder.record({ kind: "imposture", imposture, agentId, claims });
    this.#cluster.strangers.speak(encodeClaims(agentId, claims), {
      opened: () => recorder.record({ kind: "impostureAnswer", imposture, answer: "opened" }),
      received: (bytes) => {
        for (const heard of readAnswers(bytes)) recorder.record({ kind: "impostureAnswer", imposture, ...heard });
      },
      closed: (detail) => recorder.record({ kind: "impostureAnswer", imposture, answer: "closed", detail }),
    });
  }
}

/** What every election must do. Each implementation's test runs this against itself. */

import assert from "node:assert/strict";
import { it } from "mocha";

import type { Election } from "../../runtime/election/election.ts";

/** `create` gives an election in which nobody else contends. */
export function electionContract(create: (candidate: string) => Election<string>): void {
  it("lets the only candidate lead, and tells it that it does", async () => {
    const election = create("m1");
    const heard: string[] = [];
    await new Promise<void>((resolve) => {
      election.contend({
        onGained: () => {
          heard.push("gained");
          resolve();
        },
        onLost: () => heard.push("lost"),
        onLeaderChanged: (leader) => heard.push(`leader ${leader}`),
      });
    });
    assert.deepEqual(heard.sort(), ["gained", "leader m1"]);
    await election.stop();
  });
}

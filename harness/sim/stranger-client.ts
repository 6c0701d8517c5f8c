/** A stranger's way to the AgentLink of the simulated leader that is known when it speaks. */

import type { StrangerConnection, StrangerHandler } from "../cluster.ts";
import type { AgentLinkConnection } from "./master-node.ts";
import type { SchedulerClientContext } from "./scheduler-client.ts";

/** Its name on the network; it is on no agent's machine. */
const client = "stranger";

/** Long enough for an answer, even over a slow link. */
const linkMs = 5_000;

export class StrangerClient implements StrangerConnection {
  readonly #context: SchedulerClientContext;

  constructor(context: SchedulerClientContext) {
    this.#context = context;
  }

  speak(messages: Uint8Array, handler: StrangerHandler): void {
    const { simulator, network, election, masters } = this.#context;
    const master = masters.get(election.detectedLeader ?? "");
    if (master === undefined) {
      simulator.after(1, () => handler.closed("UNAVAILABLE: no leader is known"));
      return;
    }
    let isOpen = true;
    const link: AgentLinkConnection = network.connect({ client, server: master.name }, (accepted) => master.acceptAgent(accepted), {
      opened: () => handler.opened(),
      received: (bytes) => handler.received(bytes),
      closed: (refusal) => {
        isOpen = false;
        handler.closed(refusal === undefined ? "ended by the master" : `${refusal.code}: ${refusal.message}`);
      },
    });
    simulator.trace.bytes(messages);
    link.sendToServer(messages);
    simulator.after(linkMs, () => {
      if (isOpen) link.endByClient();
      isOpen = false;
    });
  }
}

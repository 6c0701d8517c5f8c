/**
 * The operator's way into the simulated cluster: each order and each event stream has a connection of its own to the leader that is known
 * when it is made.
 */

import type { CallRefusal } from "../../server/core/effect.ts";
import type { OperatorConnection, OrderOutcome, StreamHandler } from "../cluster.ts";
import type { OperatorDownFrame, OperatorUpFrame } from "./client-frames.ts";
import type { Connection } from "./network.ts";
import type { SchedulerClientContext } from "./scheduler-client.ts";

/** The operator's name on the network. */
const client = "operator";

export class OperatorClient implements OperatorConnection {
  readonly #context: SchedulerClientContext;

  constructor(context: SchedulerClientContext) {
    this.#context = context;
  }

  order(rpc: string, request: Uint8Array, settled: (outcome: OrderOutcome) => void): void {
    const { simulator, options, network, election, masters } = this.#context;
    const master = masters.get(election.detectedLeader ?? "");
    if (master === undefined) {
      simulator.after(1, () => settled({ kind: "fail", code: "UNAVAILABLE", message: "no leader is known" }));
      return;
    }
    let isOpen = true;
    const settle = (outcome: OrderOutcome): void => {
      if (!isOpen) return;
      isOpen = false;
      settled(outcome);
    };
    const link: Connection<OperatorUpFrame, OperatorDownFrame> = network.connect(
      { client, server: master.name },
      (accepted) => master.acceptOperator(accepted),
      {
        received(frame) {
          if (frame.kind === "answer") settle({ kind: "ok", answer: frame.bytes });
          else if (frame.kind === "refusal") settle(refusedOutcome(frame.refusal));
          link.endByClient();
        },
        closed: (refusal) => settle({ kind: "info", reason: refusal?.message ?? "the master ended the call" }),
      },
    );
    link.sendToServer({ rpc, bytes: request });
    simulator.after(options.callTimeoutMs, () => {
      if (!isOpen) return;
      settle({ kind: "info", reason: `no answer in ${options.callTimeoutMs} ms` });
      link.endByClient();
    });
  }

  subscribe(handler: Omit<StreamHandler, "opened">): void {
    const { simulator, network, election, masters } = this.#context;
    const master = masters.get(election.detectedLeader ?? "");
    if (master === undefined) {
      simulator.after(1, () => handler.closed("UNAVAILABLE: no leader is known"));
      return;
    }
    const link: Connection<OperatorUpFrame, OperatorDownFrame> = network.connect(
      { client, server: master.name },
      (accepted) => master.acceptOperator(accepted),
      {
        received(frame) {
          if (frame.kind === "event") handler.event(frame.bytes);
        },
        closed: (refusal) => handler.closed(refusal === undefined ? "ended by the master" : `${refusal.code}: ${refusal.message}`),
      },
    );
    link.sendToServer({ rpc: "Subscribe", bytes: new Uint8Array() });
  }
}

/** As over gRPC, where UNAVAILABLE may be the transport's: an agent that was lost before it answered may have done what was ordered. */
function refusedOutcome({ code, message }: CallRefusal): OrderOutcome {
  return code === "UNAVAILABLE" ? { kind: "info", reason: `${code}: ${message}` } : { kind: "fail", code, message };
}

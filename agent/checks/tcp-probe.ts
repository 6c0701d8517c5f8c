/** One connection to a task, closed as soon as it is open. */

import { connect } from "node:net";

import type { Probe, ProbeResult } from "../core/checks/check-spec.ts";
import { toFailure } from "./probe-failure.ts";

/** `onEnd` is called once, unless the answered function was called before; that gives the connection up. */
export function startTcpProbe(
  { address, port }: Extract<Probe, { readonly kind: "tcp" }>,
  onEnd: (result: ProbeResult) => void,
): () => void {
  let isOver = false;
  const socket = connect({ host: address, port });
  const end = (result: ProbeResult): void => {
    if (isOver) return;
    isOver = true;
    socket.destroy();
    onEnd(result);
  };
  socket.on("connect", () => end({ kind: "connected" }));
  socket.on("error", (error) => end(toFailure(error)));
  return () => {
    isOver = true;
    socket.destroy();
  };
}

/** The addresses of simulated machines. Some are IPv6, and some machines have two agents. */

import type { NodeName } from "../history/event.ts";

/** Of the machine that an agent is on; undefined for other nodes. */
export function addressOf(node: NodeName): string | undefined {
  const number = /^agent-(\d+)$/.exec(node)?.[1];
  if (number === undefined) return undefined;
  // The fifth agent of a cluster shares the machine of the fourth.
  const machine = Number(number) % 5 === 0 ? Number(number) - 1 : Number(number);
  return machine % 3 === 2 ? `fd00::${machine.toString(16)}` : `10.0.0.${machine}`;
}

/** How a transport names an agent that connects. */
export function peerOf(node: NodeName): string {
  const address = addressOf(node);
  if (address === undefined) return node;
  return `${address.includes(":") ? `[${address}]` : address}:40000`;
}

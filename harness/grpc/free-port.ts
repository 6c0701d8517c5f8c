/**
 * A TCP port of loopback for a node that will listen on it now and after every restart. It lies below the range from which
 * the kernel takes the ports of outgoing connections, one of which would sooner or later sit on it when its node is down.
 */

import { createServer } from "node:net";

/** Linux takes ports of connections from 32768 on; servers that people know by heart lie below 20000. */
const firstPort = 20_000;
const portCount = 12_000;

/** Each is free or not; so many taken ones in a row mean something else. */
const attemptsMax = 100;

export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const port = firstPort + Math.floor(Math.random() * portCount);
    if (await canListen(port)) return port;
  }
  throw new Error(`none of ${attemptsMax} ports from ${firstPort} to ${firstPort + portCount - 1} of loopback could be listened on`);
}

function canListen(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

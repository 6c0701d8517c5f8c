/**
 * A TCP proxy on loopback whose traffic can be held (nothing passes, nothing closes: a silent partition) or dropped
 * (connections are reset). It stands between one agent and its master.
 */

import { createConnection, createServer, type Server, type Socket } from "node:net";

export class TcpProxy {
  readonly #server: Server;
  readonly #target: { readonly host: string; readonly port: number };
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #held = false;
  #heldBytes = 0;

  private constructor(target: { host: string; port: number }) {
    this.#target = target;
    this.#server = createServer({ pauseOnConnect: true }, (socket) => this.#accept(socket));
  }

  /** Listens on a free port of loopback. */
  static async start(target: { host: string; port: number }): Promise<TcpProxy> {
    const proxy = new TcpProxy(target);
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once("error", reject);
      proxy.#server.listen(0, "127.0.0.1", resolve);
    });
    return proxy;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  /** From now on bytes vanish, in both directions; new connections are accepted and get no answer. */
  hold(): void {
    this.#held = true;
    this.#heldBytes = 0;
    for (const pair of this.#pairs) this.#swallow(pair);
  }

  /** Bytes that did not pass since `hold`; undefined when traffic passes. */
  get heldBytes(): number | undefined {
    return this.#held ? this.#heldBytes : undefined;
  }

  /** Traffic passes again. Held connections are reset: they have lost bytes. */
  release(): void {
    this.#held = false;
    this.drop();
  }

  /** Resets every connection; new ones are served. */
  drop(): void {
    for (const [client, server] of this.#pairs) {
      client.resetAndDestroy();
      server.resetAndDestroy();
    }
    this.#pairs.clear();
  }

  async stop(): Promise<void> {
    this.drop();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #swallow(pair: readonly [Socket, Socket]): void {
    const [client, server] = pair;
    client.unpipe(server);
    server.unpipe(client);
    for (const socket of pair) {
      socket.on("data", (bytes) => {
        this.#heldBytes += bytes.length;
      });
      socket.resume();
    }
  }

  /** In a silent partition the other side does not hear of it before the end. */
  #closed(pair: readonly [Socket, Socket], other: Socket): void {
    if (this.#held) return;
    this.#pairs.delete(pair);
    other.destroy();
  }

  #accept(client: Socket): void {
    const server = createConnection(this.#target);
    const pair = [client, server] as const;
    this.#pairs.add(pair);
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      socket.setNoDelay(true);
      // Its close follows.
      socket.on("error", () => undefined);
      socket.on("close", () => this.#closed(pair, other));
    }
    if (this.#held) {
      this.#swallow(pair);
      return;
    }
    client.pipe(server);
    server.pipe(client);
  }
}

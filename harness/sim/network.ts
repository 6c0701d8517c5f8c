/**
 * Connections as gRPC gives them: order holds within a stream, nothing is lost silently, but a connection that breaks
 * loses an unknown suffix of what was on its way, and each end notices after a time of its own. A node that is cut off
 * holds its connections still: either the network comes back first, or somebody gives up.
 */

import type { Refusal } from "../../common/result.ts";
import type { SimOptions } from "./sim-options.ts";
import type { Simulator } from "./simulator.ts";

/** What one end of a connection hears. Nothing comes after `closed`, which comes once. */
export interface Receiver<Message> {
  received(message: Message): void;
  /** `refusal` is undefined when the stream ended with OK. */
  closed(refusal: Refusal | undefined): void;
}

/** Takes a connection at its server's end and answers what will hear it; undefined when nobody listens. */
export type Acceptor<ToServer, ToClient> = (connection: Connection<ToServer, ToClient>) => Receiver<ToServer> | undefined;

/** Messages that a stalled direction holds before its sender closes the stream: as the bounded queues of the real servers. */
const heldMessagesMax = 10_000;

const lost: Refusal = { code: "UNAVAILABLE", message: "connection lost" };

/** One direction of a connection. */
class Lane<Message> {
  readonly #simulator: Simulator;
  readonly #options: SimOptions;
  receiver: Receiver<Message> | undefined;
  #lastAtMs = 0;
  #sentCount = 0;
  #deliveredCount = 0;
  /** Messages from this number on are lost. */
  #keepCount = Number.POSITIVE_INFINITY;
  #isClosed = false;
  readonly #queue: (() => void)[] = [];
  #isHeld = false;
  /** Deliveries whose time came while the lane was held. */
  #dueCount = 0;

  constructor(simulator: Simulator, options: SimOptions) {
    this.#simulator = simulator;
    this.#options = options;
  }

  /** Whether the receiver was told, or will not be told any more, that it is over. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  send(message: Message): void {
    const number = this.#sentCount++;
    this.#inOrder(() => {
      if (this.#isClosed || number >= this.#keepCount) return;
      this.#deliveredCount = number + 1;
      this.receiver?.received(message);
    });
  }

  /** Tells the receiver that it is over, after all that was sent. */
  finish(refusal: Refusal | undefined): void {
    this.#inOrder(() => this.closeNow(refusal));
  }

  /** Loses an unknown suffix of what is on its way; the receiver notices within `closeDelayMaxMs`. */
  break(): void {
    const inFlightCount = this.#sentCount - this.#deliveredCount;
    this.#keepCount = Math.min(this.#keepCount, this.#deliveredCount + this.#simulator.prng.nextInt(inFlightCount + 1));
    this.release();
    const noticedAtMs = this.#simulator.nowMs + this.#simulator.between(0, this.#options.closeDelayMaxMs);
    this.#simulator.at(Math.max(noticedAtMs, this.#lastAtMs), () => this.closeNow(lost));
  }

  closeNow(refusal: Refusal | undefined): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.receiver?.closed(refusal);
  }

  /** Nothing is heard any more, not even the end: the receiver's process is gone or has closed this itself. */
  silence(): void {
    this.#isClosed = true;
  }

  hold(): void {
    this.#isHeld = true;
  }

  release(): void {
    this.#isHeld = false;
    const dueCount = this.#dueCount;
    this.#dueCount = 0;
    if (dueCount === 0) return;
    this.#simulator.after(0, () => {
      for (let count = 0; count < dueCount; count++) this.#deliverNext();
    });
  }

  /** Messages whose time came while the lane was held. */
  get heldCount(): number {
    return this.#dueCount;
  }

  get isOverfull(): boolean {
    return this.#isHeld && this.#queue.length >= heldMessagesMax;
  }

  #inOrder(deliver: () => void): void {
    const simulator = this.#simulator;
    const { latencyMinMs, latencyMaxMs } = this.#options;
    this.#queue.push(deliver);
    this.#lastAtMs = Math.max(this.#lastAtMs, simulator.nowMs + simulator.between(latencyMinMs, latencyMaxMs));
    simulator.at(this.#lastAtMs, () => this.#deliverNext());
  }

  /** Each message has its event, but the queue decides which one an event delivers: holding must not change the order. */
  #deliverNext(): void {
    if (this.#isHeld) this.#dueCount++;
    else this.#queue.shift()?.();
  }
}

export class Connection<ToServer, ToClient> {
  readonly client: string;
  readonly server: string;
  readonly #toServer: Lane<ToServer>;
  readonly #toClient: Lane<ToClient>;
  readonly #forget: (connection: Connection<ToServer, ToClient>) => void;
  #isAccepted = false;

  constructor(
    ends: { readonly client: string; readonly server: string; readonly forget: (connection: Connection<ToServer, ToClient>) => void },
    simulator: Simulator,
    options: SimOptions,
  ) {
    this.client = ends.client;
    this.server = ends.server;
    this.#forget = ends.forget;
    this.#toServer = new Lane(simulator, options);
    this.#toClient = new Lane(simulator, options);
  }

  /** Messages that wait for the network to come back. */
  get heldCount(): number {
    return this.#toServer.heldCount + this.#toClient.heldCount;
  }

  listenAsClient(receiver: Receiver<ToClient>): void {
    this.#toClient.receiver = receiver;
  }

  listenAsServer(receiver: Receiver<ToServer>): void {
    this.#isAccepted = true;
    this.#toServer.receiver = receiver;
  }

  /** Whether an end is gone already. */
  get isOver(): boolean {
    return this.#toServer.isClosed || this.#toClient.isClosed;
  }

  sendToServer(message: ToServer): void {
    if (this.#toServer.isOverfull) this.break();
    else this.#toServer.send(message);
  }

  sendToClient(message: ToClient): void {
    if (this.#toClient.isOverfull) this.break();
    else this.#toClient.send(message);
  }

  /** The server ends the stream: the client hears everything that was sent before, then the end. */
  endByServer(refusal: Refusal | undefined): void {
    this.#toServer.silence();
    this.#toClient.finish(refusal);
    this.#forget(this);
  }

  /** The client ends the stream: the server hears what was sent before, then the end; the client hears nothing more. */
  endByClient(): void {
    this.#toClient.silence();
    this.#toServer.finish(undefined);
    this.#forget(this);
  }

  /** Breaks the connection: both ends lose a suffix and notice, each in its own time. */
  break(): void {
    this.#toServer.break();
    this.#toClient.break();
    this.#forget(this);
  }

  /** The process of one end died. */
  breakByDeathOf(node: string): void {
    if (node === this.client) {
      this.#toClient.silence();
      this.#toServer.break();
    } else {
      this.#toServer.silence();
      this.#toClient.break();
    }
    this.#forget(this);
  }

  hold(): void {
    this.#toServer.hold();
    this.#toClient.hold();
  }

  /** The network is back: what was held is delivered, unless an end has given up meanwhile. */
  release(): void {
    if (!this.#isAccepted) return;
    if (this.isOver) {
      this.break();
      return;
    }
    this.#toServer.release();
    this.#toClient.release();
  }

  /** One end's keep-alive gives up while nothing passes. */
  giveUp(end: "client" | "server"): void {
    (end === "client" ? this.#toClient : this.#toServer).closeNow({ code: "UNAVAILABLE", message: "keep-alive timed out" });
  }
}

export class Network {
  readonly #simulator: Simulator;
  readonly #options: SimOptions;
  readonly #connections = new Set<Connection<never, never>>();
  /** By node: how many attempts to connect failed, and how many ends gave up. */
  readonly #cutNodes = new Map<string, { failedCount: number }>();

  constructor(simulator: Simulator, options: SimOptions) {
    this.#simulator = simulator;
    this.#options = options;
  }

  /** Opens a connection. `opened` runs when the server has taken it; a connection that cannot be opened is closed. */
  connect<ToServer, ToClient>(
    ends: { readonly client: string; readonly server: string },
    accept: Acceptor<ToServer, ToClient>,
    client: Receiver<ToClient> & { opened?(): void },
  ): Connection<ToServer, ToClient> {
    const forget = (closed: Connection<ToServer, ToClient>) => {
      // What one end sent last passes, or is lost, when the network is back.
      if (!this.#isAnyCut(ends)) this.#connections.delete(closed as unknown as Connection<never, never>);
    };
    const connection = new Connection<ToServer, ToClient>({ ...ends, forget }, this.#simulator, this.#options);
    connection.listenAsClient(client);
    const failLater = () => {
      this.#simulator.after(this.#options.connectTimeoutMs, () => {
        forget(connection);
        this.#countFailure(ends);
        connection.giveUp("client");
      });
    };
    if (this.#isAnyCut(ends)) {
      failLater();
      return connection;
    }
    this.#connections.add(connection as unknown as Connection<never, never>);
    const { latencyMinMs, latencyMaxMs } = this.#options;
    // The handshake holds back what the client sends at once, as a real channel does.
    connection.hold();
    this.#simulator.after(this.#simulator.between(latencyMinMs, latencyMaxMs), () => {
      // The network was cut during the handshake, or has been meanwhile and an end gave up.
      if (this.#isAnyCut(ends) || connection.isOver) {
        failLater();
        return;
      }
      const receiver = accept(connection);
      if (receiver === undefined) {
        forget(connection);
        connection.giveUp("client");
        return;
      }
      connection.listenAsServer(receiver);
      client.opened?.();
      connection.release();
    });
    return connection;
  }

  /** Nothing passes between `node` and anybody until `heal`; ends may give up meanwhile. */
  cut(node: string): void {
    this.#cutNodes.set(node, { failedCount: 0 });
    for (const connection of this.#connectionsOf(node)) {
      connection.hold();
      for (const end of ["client", "server"] as const) {
        // Half of the ends have no keep-alive that is short enough to notice.
        if (!this.#simulator.prng.chance(0.5)) continue;
        this.#simulator.after(this.#simulator.between(1, this.#options.keepAliveMaxMs), () => {
          if (!this.#cutNodes.has(node) || !this.#connections.has(connection)) return;
          this.#countFailure(connection);
          connection.giveUp(end);
        });
      }
    }
  }

  heal(node: string): void {
    this.#cutNodes.delete(node);
    for (const connection of this.#connectionsOf(node)) {
      if (!this.#isAnyCut(connection)) connection.release();
    }
  }

  isCut(node: string): boolean {
    return this.#cutNodes.has(node);
  }

  /** What the cut of this node did so far; undefined while it did nothing or there is none. */
  cutEvidence(node: string): string | undefined {
    const failedCount = this.#cutNodes.get(node)?.failedCount;
    if (failedCount === undefined) return undefined;
    const heldCount = this.#connectionsOf(node).reduce((sum, connection) => sum + connection.heldCount, 0);
    if (failedCount + heldCount === 0) return undefined;
    return `${heldCount} messages did not pass, ${failedCount} connections failed`;
  }

  /** The node's process ended: its kernel closes what it had open. */
  nodeDied(node: string): void {
    for (const connection of this.#connectionsOf(node)) connection.breakByDeathOf(node);
  }

  /** Breaks every connection once. Returns how many there were. */
  breakAll(): number {
    const connections = [...this.#connections];
    for (const connection of connections) connection.break();
    return connections.length;
  }

  #isAnyCut({ client, server }: { readonly client: string; readonly server: string }): boolean {
    return this.#cutNodes.has(client) || this.#cutNodes.has(server);
  }

  #countFailure({ client, server }: { readonly client: string; readonly server: string }): void {
    for (const node of [client, server]) {
      const cut = this.#cutNodes.get(node);
      if (cut !== undefined) cut.failedCount++;
    }
  }

  #connectionsOf(node: string): Connection<never, never>[] {
    return [...this.#connections].filter((connection) => connection.client === node || connection.server === node);
  }
}

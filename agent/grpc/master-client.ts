/**
 * The agent's end of AgentLink: one stream at a time to the leading master. What the core sends in one turn leaves as one
 * message. No decisions: when to open, to close and to try again is the core's business.
 */

import { type Client, Metadata } from "@grpc/grpc-js";

import type { LinkId } from "../../common/ids.ts";
import { type ClientStream, createChannel, openStream } from "../../runtime/grpc/channel.ts";
import { createStreamQueue, type StreamQueue } from "../../runtime/grpc/stream-queue.ts";
import type { AgentInput, LeaderAddress } from "../core/input.ts";
import type { AgentToMaster } from "../core/master-message.ts";
import { decodeMasterMessages } from "../wire/decode.ts";
import { type AgentSelf, encodeAgentMessages } from "../wire/encode.ts";

/** How long a master may take to accept a connection. The channel tries again and again meanwhile, so this is patience, not delay. */
const openTimeoutMs = 5_000;

const connectPath = "/tepui.v1.AgentLink/Connect";

interface Link {
  readonly channel: Client;
  /** Undefined until the connection stands. */
  open: { readonly stream: ClientStream; readonly queue: StreamQueue } | undefined;
  /** Sent in this turn. */
  batch: AgentToMaster[];
}

export interface MasterClient {
  /** Answered by `linkOpened` or `linkClosed`. */
  open(linkId: LinkId, leader: LeaderAddress): void;
  send(linkId: LinkId, message: AgentToMaster): void;
  close(linkId: LinkId): void;
  /** Ends the turn: everything sent during it leaves. */
  flush(): void;
  /** For an agent that ends. */
  closeAll(): void;
}

export function createMasterClient(self: AgentSelf, dispatch: (input: AgentInput) => void): MasterClient {
  const links = new Map<LinkId, Link>();

  function open(linkId: LinkId, leader: LeaderAddress): void {
    const channel = createChannel({ host: leader.hostname, port: leader.grpcPort });
    const link: Link = { channel, open: undefined, batch: [] };
    links.set(linkId, link);
    channel.waitForReady(new Date(Date.now() + openTimeoutMs), (error) => {
      if (links.get(linkId) !== link) return;
      if (error === undefined) connect(linkId, link);
      else lose(linkId, `${leader.hostname}:${leader.grpcPort} did not accept a connection within ${openTimeoutMs} ms`);
    });
  }

  function connect(linkId: LinkId, link: Link): void {
    const stream = openStream(link.channel, connectPath, new Metadata());
    const queue = createStreamQueue({ stream, onOverflow: (reason) => lose(linkId, `the master does not read, ${reason}`) });
    link.open = { stream, queue };
    stream.on("data", (bytes: Uint8Array) => {
      if (!links.has(linkId)) return;
      const decoded = decodeMasterMessages(bytes);
      if (decoded.ok) for (const message of decoded.value) dispatch({ kind: "masterMessage", linkId, message });
      else lose(linkId, `a message of the master cannot be understood: ${decoded.refusal.message}`);
    });
    stream.on("error", (error) => lose(linkId, error.message));
    stream.on("end", () => lose(linkId, "the master ended the link"));
    dispatch({ kind: "linkOpened", linkId });
  }

  function lose(linkId: LinkId, reason: string): void {
    if (!links.has(linkId)) return;
    close(linkId);
    dispatch({ kind: "linkClosed", linkId, reason });
  }

  function close(linkId: LinkId): void {
    const link = links.get(linkId);
    if (link === undefined) return;
    links.delete(linkId);
    link.open?.queue.drop();
    link.open?.stream.cancel();
    link.channel.close();
  }

  function flushLink(link: Link): void {
    if (link.batch.length === 0 || link.open === undefined) return;
    const { batch } = link;
    link.batch = [];
    link.open.queue.send(encodeAgentMessages(batch, self));
  }

  return {
    open,
    send: (linkId, message) => links.get(linkId)?.batch.push(message),
    close,
    flush: () => {
      for (const link of links.values()) flushLink(link);
    },
    closeAll: () => {
      for (const linkId of [...links.keys()]) close(linkId);
    },
  };
}

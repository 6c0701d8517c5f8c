/**
 * The AgentLink service: one stream per agent, in both directions. What the core sends to an agent in one turn leaves as
 * one message, so that a burst of launches costs one frame.
 */

import { LinkId } from "../../common/ids.ts";
import type { Refusal } from "../../common/result.ts";
import type { BidiStream, Method, Service } from "../../runtime/grpc/server.ts";
import { endWithStatus } from "../../runtime/grpc/status.ts";
import { createStreamQueue, type StreamQueue } from "../../runtime/grpc/stream-queue.ts";
import type { MasterToAgent } from "../core/agent-message.ts";
import type { CallRefusal } from "../core/effect.ts";
import type { MasterInput } from "../core/input.ts";
import { decodeAgentMessages, encodeMasterMessages } from "../wire/agent-link.ts";
import { leaderTrailers } from "./leader-trailers.ts";

interface Link {
  readonly stream: BidiStream;
  readonly queue: StreamQueue;
  /** Sent in this turn. */
  batch: MasterToAgent[];
}

export interface AgentService {
  readonly service: Service;
  send(linkId: LinkId, message: MasterToAgent): void;
  close(linkId: LinkId, refusal: CallRefusal | undefined): void;
  /** Ends the turn: everything sent during it leaves. */
  flush(): void;
  /** For a master that ends. */
  closeAll(refusal: Refusal): void;
}

export function createAgentService(dispatch: (input: MasterInput) => void): AgentService {
  const links = new Map<LinkId, Link>();
  let unflushed = new Set<Link>();
  let linkCount = 0;

  function connect(stream: BidiStream): void {
    const linkId = LinkId(`link-${++linkCount}`);
    const end = (refusal: Refusal | undefined): void => {
      if (!links.has(linkId)) return;
      close(linkId, refusal);
      dispatch({ kind: "agentLinkClosed", linkId });
    };
    const onOverflow = (reason: string): void =>
      end({ code: "RESOURCE_EXHAUSTED", message: `messages are not read fast enough, ${reason}` });
    links.set(linkId, { stream, queue: createStreamQueue({ stream, onOverflow }), batch: [] });
    dispatch({ kind: "agentLinkOpened", linkId, peer: stream.getPeer() });
    stream.on("data", (bytes: Uint8Array) => {
      if (!links.has(linkId)) return;
      const decoded = decodeAgentMessages(bytes);
      if (decoded.ok) for (const message of decoded.value) dispatch({ kind: "agentMessage", linkId, message });
      else end(decoded.refusal);
    });
    stream.on("end", () => end(undefined));
    stream.on("cancelled", () => end(undefined));
  }

  function send(linkId: LinkId, message: MasterToAgent): void {
    const link = links.get(linkId);
    if (link === undefined) return;
    link.batch.push(message);
    unflushed.add(link);
  }

  function flushLink(link: Link): void {
    unflushed.delete(link);
    if (link.batch.length === 0) return;
    const batch = link.batch;
    link.batch = [];
    link.queue.send(encodeMasterMessages(batch));
  }

  function close(linkId: LinkId, refusal: CallRefusal | undefined): void {
    const link = links.get(linkId);
    if (link === undefined) return;
    links.delete(linkId);
    flushLink(link);
    link.queue.end(() => endWithStatus(link.stream, refusal, refusal && leaderTrailers(refusal)));
  }

  return {
    service: { name: "tepui.v1.AgentLink", methods: new Map<string, Method>([["Connect", { kind: "bidi", handle: connect }]]) },
    send,
    close,
    flush: () => {
      if (unflushed.size === 0) return;
      // A new set for each turn, as in waiting-calls.ts.
      const links = unflushed;
      unflushed = new Set();
      for (const link of links) flushLink(link);
    },
    closeAll: (refusal) => {
      for (const linkId of [...links.keys()]) close(linkId, refusal);
    },
  };
}

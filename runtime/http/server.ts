/** A small HTTP server for pages that are made on the spot: health, metrics. Anything else is 404, other methods are 405. */

import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { type ListenRequest, toListenError } from "../address.ts";

/** Slow clients are cut, so that they cannot hold sockets for long. */
const requestTimeoutMs = 10_000;

/** Pages are read by a few monitors and people; more sockets than this are somebody's mistake. */
const connectionsMax = 1_000;

export interface Page {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

export interface HttpServer {
  /** The port that is bound. Rejects with ListenError. */
  listen(request: ListenRequest): Promise<number>;
  close(): Promise<void>;
}

/** Pages by path. A page that fails is 500 with the reason. */
export function createHttpServer(pages: ReadonlyMap<string, () => Promise<Page>>): HttpServer {
  const server = createServer((request, response) => {
    const page = pages.get(pathOf(request.url ?? "/"));
    if (page === undefined)
      send(response, { status: 404, contentType: "text/plain", text: `no page here; there are ${[...pages.keys()].join(", ")}\n` });
    else if (request.method !== "GET" && request.method !== "HEAD")
      send(response, { status: 405, contentType: "text/plain", text: "GET only\n" });
    else {
      page().then(
        (made) => send(response, made),
        (error: unknown) => send(response, { status: 500, contentType: "text/plain", text: `${String(error)}\n` }),
      );
    }
  });
  server.requestTimeout = requestTimeoutMs;
  server.maxConnections = connectionsMax;
  return { listen: (request) => listen(server, request), close: () => close(server) };
}

/** Without the query. Not `new URL`, which throws for what peers may send, such as "//". */
function pathOf(target: string): string {
  const end = target.indexOf("?");
  return end === -1 ? target : target.slice(0, end);
}

function send(response: ServerResponse, { status, contentType, text }: Page): void {
  response.writeHead(status, { "content-type": contentType, "x-content-type-options": "nosniff" }).end(text);
}

function listen(server: Server, request: ListenRequest): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(toListenError(request, error)));
    server.listen(request.port, request.host, () => resolve((server.address() as AddressInfo).port));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

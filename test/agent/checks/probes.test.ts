/** Looks over HTTP and TCP at real servers of this process: what each kind of answer, and of silence, is taken for. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer as createHttp, type RequestListener } from "node:http";
import { createServer as createHttps } from "node:https";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";

import { startHttpProbe } from "../../../agent/checks/http-probe.ts";
import { toFailure } from "../../../agent/checks/probe-failure.ts";
import { startTcpProbe } from "../../../agent/checks/tcp-probe.ts";
import type { Probe, ProbeResult } from "../../../agent/core/checks/check-spec.ts";

type HttpProbe = Extract<Probe, { readonly kind: "http" }>;

const opened: { server: Server; sockets: Set<Socket> }[] = [];

afterEach(() => {
  for (const { server, sockets } of opened.splice(0)) {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
});

/** Answers the port. */
async function listen(server: Server, host = "127.0.0.1"): Promise<number> {
  const sockets = new Set<Socket>();
  opened.push({ server, sockets });
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
  });
  server.listen(0, host);
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

function get(probe: Partial<HttpProbe> & { readonly port: number }): Promise<ProbeResult> {
  return new Promise((resolve) => {
    startHttpProbe({ kind: "http", scheme: "http", address: "127.0.0.1", path: "/", ...probe }, resolve);
  });
}

function connectTo(port: number, address: "127.0.0.1" | "::1" = "127.0.0.1"): Promise<ProbeResult> {
  return new Promise((resolve) => {
    startTcpProbe({ kind: "tcp", address, port }, resolve);
  });
}

/** A port that nobody listens on. */
async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  server.close();
  await once(server, "close");
  return port;
}

describe("a look over HTTP", () => {
  it("tells the status of a GET of the path, as it stands there", async () => {
    const seen: string[] = [];
    const port = await listen(
      createHttp((request, response) => {
        seen.push(`${request.method} ${request.url} ${request.headers.host}`);
        response.writeHead(503).end("busy");
      }),
    );
    assert.deepEqual(await get({ port, path: "/live?deep=1" }), { kind: "responded", statusCode: 503 });
    assert.deepEqual(seen, [`GET /live?deep=1 127.0.0.1:${port}`]);
  });

  it("does not follow a redirect", async () => {
    let calls = 0;
    const answer: RequestListener = (_request, response) => {
      calls += 1;
      response.writeHead(302, { location: "/elsewhere" }).end();
    };
    assert.deepEqual(await get({ port: await listen(createHttp(answer)) }), { kind: "responded", statusCode: 302 });
    assert.equal(calls, 1);
  });

  it("does not wait for the body, and gives the connection back", async () => {
    const server = createHttp((_request, response) => {
      response.writeHead(200);
      response.write("for ever");
    });
    const closed = once(server, "connection").then(([socket]) => once(socket as Socket, "close"));
    assert.deepEqual(await get({ port: await listen(server) }), { kind: "responded", statusCode: 200 });
    await closed;
  });

  it("takes a certificate that nobody vouches for", async () => {
    const [key, cert] = ["key.pem", "certificate.pem"].map((name) => readFileSync(new URL(`../../fixtures/tls/${name}`, import.meta.url)));
    const server = createHttps({ key, cert }, (_request, response) => response.end());
    assert.deepEqual(await get({ port: await listen(server), scheme: "https" }), { kind: "responded", statusCode: 200 });
  });

  it("over IPv6 looks at the machine's own address there", async () => {
    const port = await listen(
      createHttp((_request, response) => response.end()),
      "::1",
    );
    assert.deepEqual(await get({ port, address: "::1" }), { kind: "responded", statusCode: 200 });
  });

  const silences: readonly (readonly [name: string, serve: (socket: Socket) => void])[] = [
    ["closes the connection", (socket) => socket.destroy()],
    ["says something else", (socket) => socket.end("220 mail ready\r\n")],
    ["never ends its head", (socket) => socket.write(`HTTP/1.1 200 OK\r\nx: ${"y".repeat(100_000)}`)],
    ["wants another protocol", (socket) => socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")],
  ];
  for (const [name, serve] of silences) {
    it(`takes a server that ${name} for no answer`, async () => {
      const result = await get({ port: await listen(createServer(serve)) });
      assert.equal(result.kind, "noAnswer");
    });
  }

  it("takes a port that nobody listens on for no answer", async () => {
    assert.equal((await get({ port: await freePort() })).kind, "noAnswer");
  });

  it("that is stopped says nothing more and closes the connection", async () => {
    const server = createServer(() => {});
    const port = await listen(server);
    let results = 0;
    const connected = once(server, "connection");
    const stop = startHttpProbe({ kind: "http", scheme: "http", address: "127.0.0.1", port, path: "/" }, () => {
      results += 1;
    });
    const [socket] = (await connected) as [Socket];
    const closed = once(socket.resume(), "close");
    stop();
    await closed;
    assert.equal(results, 0);
  });
});

describe("a look over TCP", () => {
  it("is a success when the connection opens, which is closed at once", async () => {
    const server = createServer();
    const closed = once(server, "connection").then(([socket]) => once((socket as Socket).resume(), "close"));
    assert.deepEqual(await connectTo(await listen(server)), { kind: "connected" });
    await closed;
    assert.deepEqual(await connectTo(await listen(createServer(), "::1"), "::1"), { kind: "connected" });
  });

  it("is no answer when nobody listens", async () => assert.equal((await connectTo(await freePort())).kind, "noAnswer"));
});

describe("a connection that does not come about", () => {
  it("is the agent's own failure when its machine has nothing to spare, and the task's otherwise", () => {
    for (const [code, kind] of [
      ["EMFILE", "notDone"],
      ["ENOBUFS", "notDone"],
      ["ECONNREFUSED", "noAnswer"],
      ["ECONNRESET", "noAnswer"],
    ]) {
      assert.equal(toFailure(Object.assign(new Error("x"), { code })).kind, kind);
    }
  });
});

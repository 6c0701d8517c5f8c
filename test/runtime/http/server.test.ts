/** The HTTP server gives its pages, and clear answers for everything else. */

import assert from "node:assert/strict";
import { request } from "node:http";
import { after, before, describe, it } from "mocha";

import { createHttpServer, type HttpServer } from "../../../runtime/http/server.ts";
import { createMetrics } from "../../../runtime/metrics.ts";

describe("HTTP server", () => {
  let server: HttpServer;
  let port: number;
  const metrics = createMetrics("test");

  before(async () => {
    server = createHttpServer(
      new Map([
        ["/health", async () => ({ status: 200, contentType: "text/plain", text: "ok\n" })],
        ["/metrics", async () => ({ status: 200, ...(await metrics.render()) })],
        ["/broken", async () => Promise.reject(new Error("no page today"))],
      ]),
    );
    port = await server.listen({ host: "127.0.0.1", port: 0, flag: "--http-port" });
  });
  after(() => server.close());

  const get = async (path: string, method = "GET"): Promise<{ status: number; text: string }> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method });
    return { status: response.status, text: await response.text() };
  };

  it("gives a page, whatever the query says", async () => {
    assert.deepEqual(await get("/health?verbose=1"), { status: 200, text: "ok\n" });
  });

  it("shows counters and the process's own metrics in Prometheus's format", async () => {
    metrics.countInput("subscribe");
    metrics.countInput("subscribe");
    metrics.countEffect("reply");
    const { text } = await get("/metrics");
    assert.match(text, /^tepui_inputs_total\{kind="subscribe",program="test"\} 2$/m);
    assert.match(text, /^tepui_effects_total\{kind="reply",program="test"\} 1$/m);
    assert.match(text, /^process_resident_memory_bytes/m);
  });

  it("answers 404 for other paths, 405 for other methods, 500 for a page that fails", async () => {
    assert.equal((await get("/other")).status, 404);
    assert.equal((await get("/health", "POST")).status, 405);
    assert.deepEqual(await get("/broken"), { status: 500, text: "Error: no page today\n" });
  });

  it("survives targets that are no URL", async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      request({ host: "127.0.0.1", port, path: "//" }, (response) => resolve(response.resume().statusCode))
        .on("error", reject)
        .end();
    });
    assert.equal(status, 404);
  });

  it("names flag, port and reason when the port is taken", async () => {
    const other = createHttpServer(new Map());
    await assert.rejects(other.listen({ host: "127.0.0.1", port, flag: "--http-port" }), {
      message: `--http-port ${port}: cannot listen on 127.0.0.1:${port}: another process listens there`,
    });
  });
});

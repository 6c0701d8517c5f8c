/** A web server on loopback whose answers a test decides, and which counts what it was asked. */

import { readFileSync } from "node:fs";
import { createServer, type RequestListener, type Server, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";

export type Answer = Buffer | string | ((response: ServerResponse) => void);

export class FileServer {
  readonly asked: string[] = [];
  readonly #answers = new Map<string, Answer>();
  readonly #server: Server;
  readonly #scheme: string;

  /** With a certificate of its own for localhost and 127.0.0.1 where `isSecure`. */
  constructor(isSecure = false) {
    const listener: RequestListener = (request, response) => {
      const path = request.url ?? "";
      this.asked.push(path);
      const answer = this.#answers.get(path);
      if (answer === undefined) response.writeHead(404).end();
      else if (typeof answer === "function") answer(response);
      else response.end(answer);
    };
    this.#scheme = isSecure ? "https" : "http";
    this.#server = isSecure
      ? createSecureServer({ key: fixture("key.pem"), cert: fixture("certificate.pem") }, listener)
      : createServer(listener);
  }

  static readonly certificatePath = new URL("../../fixtures/https/certificate.pem", import.meta.url).pathname;

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return this;
  }

  /** What the path, query included, is answered with from now on; the URI of it. */
  serve(path: string, answer: Answer): string {
    this.#answers.set(path, answer);
    return this.uri(path);
  }

  uri(path: string): string {
    return `${this.#scheme}://127.0.0.1:${(this.#server.address() as AddressInfo).port}${path}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function fixture(name: string): Buffer {
  return readFileSync(new URL(`../../fixtures/https/${name}`, import.meta.url));
}

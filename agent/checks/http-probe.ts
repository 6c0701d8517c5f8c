/**
 * One GET to a task. Its status is the answer: the body is not read, redirects are not followed (the task must not be able to send the
 * agent elsewhere), and a certificate is not verified, since it is not made for a loopback address.
 */

import { type ClientRequest, get as getHttp } from "node:http";
import { get as getHttps } from "node:https";

import type { Probe, ProbeResult } from "../core/checks/check-spec.ts";
import { toFailure } from "./probe-failure.ts";

/** What an answer's head may have; a longer one is no answer. */
const headMaxBytes = 16_384;

/** `onEnd` is called once, unless the answered function was called before; that ends the request. */
export function startHttpProbe(
  { scheme, address, port, path }: Extract<Probe, { readonly kind: "http" }>,
  onEnd: (result: ProbeResult) => void,
): () => void {
  let isOver = false;
  const options = { host: address, port, path, agent: false, maxHeaderSize: headMaxBytes, headers: { "user-agent": "tepui-agent" } };
  const request: ClientRequest = scheme === "https" ? getHttps({ ...options, rejectUnauthorized: false }) : getHttp(options);
  const end = (result: ProbeResult): void => {
    if (isOver) return;
    isOver = true;
    request.destroy();
    onEnd(result);
  };
  request.on("response", (response) => end({ kind: "responded", statusCode: response.statusCode ?? 0 }));
  request.on("error", (error) => end(toFailure(error)));
  // A server that switches protocols, or goes away, without an answer.
  request.on("close", () => end({ kind: "noAnswer", reason: "the connection was closed without an answer" }));
  return () => {
    isOver = true;
    request.destroy();
  };
}

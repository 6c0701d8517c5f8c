/**
 * Asks a web server for a file and follows redirects. Certificates are checked against those that Node knows; NODE_EXTRA_CA_CERTS
 * adds more.
 */

import { get as getHttp, type IncomingMessage } from "node:http";
import { get as getHttps } from "node:https";

import { version } from "../../common/version.ts";
import { FetchError } from "./fetch-error.ts";
import { redirectsMax } from "./fetch-limits.ts";
import { withoutPassword } from "./fetch-source.ts";

/** The body of the answer. Throws FetchError with what the server said instead, or what the connection did. */
export async function openHttp(first: URL, signal: AbortSignal): Promise<IncomingMessage> {
  let url = first;
  for (let redirects = 0; redirects <= redirectsMax; redirects++) {
    const answer = await ask(url, signal);
    const { statusCode = 0, statusMessage = "", headers } = answer;
    if (statusCode === 200) return answer;
    answer.destroy();
    if (![301, 302, 303, 307, 308].includes(statusCode)) {
      throw new FetchError(`${about(url, first)}the server must answer 200, answered ${`${statusCode} ${statusMessage}`.trim()}`);
    }
    url = redirected(url, headers.location);
  }
  throw new FetchError(`the server must not redirect more than ${redirectsMax} times`);
}

/** Names the place when it is not the one that was asked for. */
function about(url: URL, first: URL): string {
  return url.href === first.href ? "" : `at ${withoutPassword(url.href)} `;
}

function redirected(from: URL, location: string | undefined): URL {
  if (location === undefined || !URL.canParse(location, from.href)) {
    throw new FetchError(`a redirect must name a valid location, names ${JSON.stringify(location ?? "")}`);
  }
  const to = new URL(location, from);
  if (to.protocol !== "https:" && (to.protocol !== "http:" || from.protocol === "https:")) {
    throw new FetchError(`a redirect must lead to ${from.protocol === "https:" ? "https" : "http or https"}, leads to ${to.protocol}`);
  }
  return to;
}

function ask(url: URL, signal: AbortSignal): Promise<IncomingMessage> {
  const get = url.protocol === "https:" ? getHttps : getHttp;
  return new Promise((resolve, reject) => {
    const headers = { "user-agent": `tepui/${version}`, accept: "*/*" };
    // A connection of its own: one that idles in a pool may be closed under the next request.
    const request = get(url, { signal, headers, agent: false }, resolve);
    request.once("error", (error) => reject(new FetchError(`the connection failed: ${reasonOf(error)}`, { cause: error })));
  });
}

/** A host with several addresses that all refuse gives an AggregateError without any text. */
function reasonOf(error: Error): string {
  if (error.message !== "") return error.message;
  const [first] = error instanceof AggregateError ? error.errors : [];
  return first instanceof Error ? first.message : "code" in error ? String(error.code) : error.name;
}

/** What every node serves over HTTP: /health for supervisors, /metrics for Prometheus. Both answer in every state of the node. */

import type { Metrics } from "../metrics.ts";
import type { Page } from "./server.ts";

export function createPages(metrics: Metrics): ReadonlyMap<string, () => Promise<Page>> {
  return new Map<string, () => Promise<Page>>([
    ["/health", async () => ({ status: 200, contentType: "text/plain", text: "ok\n" })],
    ["/metrics", async () => ({ status: 200, ...(await metrics.render()) })],
  ]);
}

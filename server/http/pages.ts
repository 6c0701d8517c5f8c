/** What a master serves over HTTP: /health for supervisors, /metrics for Prometheus. Both answer on every master, leading or not. */

import type { Page } from "../../runtime/http/server.ts";
import type { Metrics } from "../../runtime/metrics.ts";

export function createPages(metrics: Metrics): ReadonlyMap<string, () => Promise<Page>> {
  return new Map<string, () => Promise<Page>>([
    ["/health", async () => ({ status: 200, contentType: "text/plain", text: "ok\n" })],
    ["/metrics", async () => ({ status: 200, ...(await metrics.render()) })],
  ]);
}

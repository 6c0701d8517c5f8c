/** What containers use and what becomes of sandboxes, in Prometheus's terms: totals of the agent, so that their number never grows. */

import { Counter, Gauge, type Registry } from "prom-client";

import type { UsageWatch } from "./containers/usage-watch.ts";
import type { OpenSandboxes } from "./open-sandboxes.ts";

export function addContainerMetrics(registry: Registry, usage: UsageWatch, sandboxes: OpenSandboxes): void {
  const registers = [registry];
  const gauge = (name: string, help: string, read: () => number): void => {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  };
  const counter = (name: string, help: string, read: () => number): void => {
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  };
  const sumOf = (field: "userSecs" | "systemSecs" | "rssBytes" | "processes" | "threads") => (): number => {
    let sum = 0;
    for (const container of usage.read().containers.values()) sum += container[field];
    return sum;
  };
  gauge("tepui_containers", "Containers that run.", () => usage.read().containers.size);
  gauge("tepui_containers_processes", "Processes in containers.", sumOf("processes"));
  gauge("tepui_containers_threads", "Threads in containers.", sumOf("threads"));
  gauge("tepui_containers_user_seconds", "User time of the containers that run now.", sumOf("userSecs"));
  gauge("tepui_containers_system_seconds", "System time of the containers that run now.", sumOf("systemSecs"));
  gauge("tepui_containers_rss_bytes", "Memory of the processes in containers.", sumOf("rssBytes"));
  gauge("tepui_containers_disk_bytes", "Disk that the sandboxes in use take, when last measured.", () => usage.diskBytes);
  gauge("tepui_sandboxes_kept", "Sandboxes of ended containers.", () => sandboxes.figures().keptCount);
  gauge("tepui_work_disk_usage_ratio", "Used share of the work directory's disk, 0 to 1.", () => sandboxes.figures().diskUsage);
  counter("tepui_sandboxes_removed_total", "Sandboxes that were removed.", () => sandboxes.figures().removedCount);
  counter("tepui_sandbox_outputs_cut_total", "Output files of tasks that were cut.", () => sandboxes.figures().cutCount);
}

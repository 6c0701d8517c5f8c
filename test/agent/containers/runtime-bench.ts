/** A process runtime with its events at hand, for tests. */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { ContainerEvent } from "../../../agent/containers/container-runtime.ts";
import { ProcessRuntime } from "../../../agent/containers/process-runtime.ts";
import { Sandboxes } from "../../../agent/containers/sandboxes.ts";
import type { ContainerSpec } from "../../../agent/core/effect.ts";
import type { SandboxKey } from "../../../agent/core/sandbox-key.ts";
import { fetcherDefaults } from "../../../agent/fetcher/fetch-limits.ts";
import { AgentId, ContainerId, ExecutorId, FrameworkId, TaskId } from "../../../common/ids.ts";

export const waitMaxMs = 10_000;

/** Of every container that `spec` makes. */
export const sandboxKey: SandboxKey = { agentId: AgentId("a"), frameworkId: FrameworkId("f"), executorId: ExecutorId("e") };

/**
 * Agents make ids that nobody else has, and without cgroups a runtime finds the processes of a task by that id. So must we: with an id
 * like "c1" two runs of the tests on one machine would kill each other's tasks.
 */
const ofThisRun = randomUUID();

/** The id of the container that a test calls `name`. */
export function idOf(name: string): ContainerId {
  return ContainerId(`${name}-${ofThisRun}`);
}

type EventOf<Kind extends ContainerEvent["kind"]> = Extract<ContainerEvent, { readonly kind: Kind }>;

export interface Bench {
  readonly runtime: ProcessRuntime;
  launch(name: string, script: string, environment?: readonly (readonly [string, string])[]): void;
  /** The next event of a kind that nobody has taken yet. */
  next<Kind extends ContainerEvent["kind"]>(kind: Kind): Promise<EventOf<Kind>>;
}

export type BenchOptions = Partial<ConstructorParameters<typeof ProcessRuntime>[0]>;

export function openBench(folder: string, options: BenchOptions = {}): Bench {
  const events: ContainerEvent[] = [];
  const runtime = new ProcessRuntime({
    workDirectory: folder,
    listener: (event) => events.push(event),
    useCgroups: false,
    sandboxes: new Sandboxes(folder, () => {}),
    isolation: { controllers: [], enforcesDisk: false },
    switchUser: false,
    fetcher: fetcherDefaults,
    ...options,
  });
  const isOf =
    <Kind extends ContainerEvent["kind"]>(kind: Kind) =>
    (event: ContainerEvent): event is EventOf<Kind> =>
      event.kind === kind;
  return {
    runtime,
    launch: (name, script, environment = []) => runtime.launch(spec(name, { value: script, environment })),
    next: async (kind) => {
      await until(() => events.some(isOf(kind)));
      const found = events.find(isOf(kind));
      assert.ok(found !== undefined);
      events.splice(events.indexOf(found), 1);
      return found;
    },
  };
}

export interface Runtimes {
  /** The work directory. */
  readonly folder: string;
  /** Opens one; nothing was recovered yet. */
  open(): Bench;
  /** Opens one and recovers, as an agent does when it starts. */
  boot(): Bench;
  /** The pid of the supervisor of the container that a test calls `name`. */
  supervisorOf(name: string): number;
}

/** For each test of the suite that calls this: a fresh work directory, and an end to all that lives of it afterwards. */
export function useRuntimes(options: Pick<BenchOptions, "useCgroups">): Runtimes {
  let folder = "";
  let benches: Bench[] = [];
  const open = (): Bench => {
    const bench = openBench(folder, options);
    benches.push(bench);
    return bench;
  };
  const boot = (): Bench => {
    const bench = open();
    bench.runtime.recover();
    return bench;
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tepui-containers-"));
    benches = [];
  });
  afterEach(async () => {
    const last = boot();
    last.runtime.killAll(waitMaxMs);
    await last.next("allContainersKilled");
    for (const { runtime } of benches) runtime.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    get folder() {
      return folder;
    },
    open,
    boot,
    supervisorOf: (name) => Number(/^started (\d+)/m.exec(readFileSync(join(folder, "containers/records", idOf(name)), "utf8"))?.[1]),
  };
}

/** The container `idOf(name)`, with a command under the shell where nothing else is said. */
export function spec(name: string, command: Partial<ContainerSpec["command"]>, frameworkUser = ""): ContainerSpec {
  return {
    containerId: idOf(name),
    sandbox: sandboxKey,
    task: { frameworkId: FrameworkId("f"), taskId: TaskId(name) },
    environment: [],
    command: { shell: true, value: "true", arguments: [], environment: [], uris: [], user: undefined, ...command },
    frameworkUser,
    volumes: [],
  };
}

export async function until(condition: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + waitMaxMs;
  while (!condition()) {
    assert.ok(performance.now() < deadlineMs, `still not so: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

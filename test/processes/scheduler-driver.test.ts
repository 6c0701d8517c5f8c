/** The SDK against a real master and agent: subscribes, launches, acknowledges, and comes back after every loss. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as grpc from "@grpc/grpc-js";

import { CallError } from "../../client/call-error.ts";
import { SchedulerDriver, type SchedulerDriverOptions, SubscriptionRefusedError } from "../../client/scheduler-driver.ts";
import type { SchedulerEvent } from "../../client/scheduler-event.ts";
import { freePort } from "../../harness/grpc/free-port.ts";
import { type Offer, TaskInfo, TaskState, type TaskStatus, Value_Type } from "../../protos/gen/mesos/v1/mesos.ts";
import { FakeMaster } from "../client/fake-master.ts";
import { AgentProcess } from "./agent-process.ts";
import { MasterProcess } from "./master-process.ts";

/** Heartbeats come often, so that a framework has something to do while it waits. */
const masterFlags = ["--allocation-interval=50ms", "--heartbeat-interval=200ms"];

describe("the SDK and a real master", () => {
  let folder: string;
  let port: number;
  let master: MasterProcess;
  const agents: AgentProcess[] = [];
  const drivers: { readonly driver: SchedulerDriver; readonly run: Promise<unknown> }[] = [];

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "tepui-sdk-"));
  });
  beforeEach(async () => {
    port = await freePort();
    master = startMaster();
    await master.leading();
  });
  afterEach(async () => {
    for (const { driver, run } of drivers.splice(0)) {
      driver.stop();
      await run;
    }
    for (const agent of agents.splice(0)) if (agent.isRunning) assert.equal((await agent.end("SIGUSR1")).code, 0);
    await master.end("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });

  const startMaster = (): MasterProcess => new MasterProcess([`--port=${port}`, `--work-dir=${join(folder, "master")}`, ...masterFlags]);

  const restartMaster = async (): Promise<void> => {
    await master.end("SIGKILL");
    master = startMaster();
    await master.leading();
  };

  async function startAgent(): Promise<AgentProcess> {
    const flags = ["--master", `127.0.0.1:${port}`, "--work-dir", join(folder, "agent"), "--resources=cpus:4;mem:1024"];
    const agent = new AgentProcess([...flags, "--update-retry-min=200ms", "--registration-backoff-max=200ms"]);
    agents.push(agent);
    await agent.registered();
    return agent;
  }

  /** A framework whose driver runs; `until` answers the first event, old or new, that fits. */
  function startFramework(options: Partial<SchedulerDriverOptions> = {}) {
    const heard: SchedulerEvent[] = [];
    const listeners = new Set<() => void>();
    const driver = new SchedulerDriver({
      masters: [`127.0.0.1:${port}`],
      framework: { user: "root", name: "sdk", failoverTimeout: 60, checkpoint: true },
      reconnectMinMs: 20,
      reconnectMaxMs: 200,
      ...options,
      onEvent: async (event, own) => {
        await options.onEvent?.(event, own);
        heard.push(event);
        for (const listener of [...listeners]) listener();
      },
    });
    const run = driver.run();
    drivers.push({ driver, run: run.catch(() => undefined) });
    const until = <Found>(find: (heard: readonly SchedulerEvent[]) => Found | undefined): Promise<Found> =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = find(heard);
          if (found === undefined) return;
          listeners.delete(look);
          resolve(found);
        };
        listeners.add(look);
        look();
      });
    return {
      driver,
      run,
      heard,
      subscribed: (count = 1) => until((events) => (events.filter(({ kind }) => kind === "subscribed").length >= count ? true : undefined)),
      offer: (after = 0) => until((events) => events.slice(after).flatMap((event) => (event.kind === "offers" ? event.offers : []))[0]),
      update: (state: TaskState, count = 1) => until((events) => updatesIn(events, state)[count - 1]),
    };
  }

  const updatesIn = (events: readonly SchedulerEvent[], state: TaskState): TaskStatus[] =>
    events.flatMap((event) => (event.kind === "update" && event.status.state === state ? [event.status] : []));

  it("runs a task to its end, and a torn down framework's id is used up", async () => {
    await startAgent();
    const { driver, run, offer, update, heard } = startFramework();
    await driver.launch([idOf(await offer())], [task("T1", await offer(), "exit 0")]);
    await update(TaskState.TASK_FINISHED);
    assert.deepEqual(
      heard.flatMap((event) => (event.kind === "update" ? [event.status.state] : [])),
      [TaskState.TASK_RUNNING, TaskState.TASK_FINISHED],
    );
    const frameworkId = driver.frameworkId ?? "";
    await driver.teardown();
    await run;
    const again = startFramework({ framework: { user: "root", name: "sdk", id: { value: frameworkId } } });
    await assert.rejects(again.run, (error) => error instanceof SubscriptionRefusedError && error.message.includes(frameworkId));
  });

  it("refuses a framework that breaks a rule once and for all", async () => {
    const { run } = startFramework({ framework: { user: "root", name: "x", roles: ["a/../b"], capabilities: [{ type: 6 }] } });
    await assert.rejects(run, (error) => error instanceof SubscriptionRefusedError && error.message.includes("roles"));
  });

  it("gives each refused call an error of its own and keeps the connection", async () => {
    await startAgent();
    const { driver, offer, heard, subscribed } = startFramework();
    await subscribed();
    const calls = [driver.kill(""), driver.revive(["unheard-of"]), driver.decline(["no-such-offer"])];
    const [kill, revive, decline] = await Promise.allSettled(calls);
    assert.ok(kill?.status === "rejected" && kill.reason instanceof CallError);
    assert.deepEqual([kill.reason.code, kill.reason.call, kill.reason.refused], ["INVALID_ARGUMENT", "KILL", true]);
    assert.match(kill.reason.message, /kill\.task_id/);
    assert.ok(revive?.status === "rejected" && revive.reason instanceof CallError);
    assert.match(revive.reason.message, /^REVIVE was refused: INVALID_ARGUMENT: .*unheard-of/);
    assert.equal(decline?.status, "fulfilled", "an offer that is gone is nobody's mistake");
    await offer();
    assert.equal(heard.filter(({ kind }) => kind === "subscribed").length, 1);
  });

  it("finds the leader by the hint of a master that does not lead", async () => {
    await using standby = await FakeMaster.start({
      onSubscribe: (one) => one.refuse(grpc.status.FAILED_PRECONDITION, "standby", `127.0.0.1:${port}`),
    });
    const losses: string[] = [];
    const { subscribed } = startFramework({ masters: [standby.address], onDisconnected: (reason) => losses.push(reason) });
    await subscribed();
    assert.deepEqual(losses, []);
  });

  it("comes back to a master that was killed and started again, and its task runs on", async () => {
    await startAgent();
    const losses: string[] = [];
    let isUnwanted = false;
    const { driver, offer, update, subscribed } = startFramework({
      onDisconnected: (reason) => losses.push(reason),
      onEvent: async (event, own) => {
        // A master that has just begun to lead does not know the task before its agent is back: ask until it does.
        if (isUnwanted && event.kind === "heartbeat") await own.kill("T1");
      },
    });
    await driver.launch([idOf(await offer())], [task("T1", await offer(), "sleep 1000")]);
    await update(TaskState.TASK_RUNNING);
    const { frameworkId } = driver;
    await restartMaster();
    await subscribed(2);
    assert.equal(driver.frameworkId, frameworkId);
    assert.ok(losses.length > 0);
    isUnwanted = true;
    await update(TaskState.TASK_KILLED);
  });

  it("has an unknown outcome for a call whose master was killed", async () => {
    const { driver, subscribed } = startFramework();
    await subscribed();
    master.child.kill("SIGSTOP");
    const rejected = assert.rejects(driver.reconcile(), { name: "CallError", call: "RECONCILE", refused: false });
    await restartMaster();
    await rejected;
    await subscribed(2);
    await driver.reconcile();
  });

  it("comes back when a stopped master misses its heartbeats", async () => {
    const losses: string[] = [];
    const { subscribed } = startFramework({ subscribeTimeoutMs: 300, onDisconnected: (reason) => losses.push(reason) });
    await subscribed();
    master.child.kill("SIGSTOP");
    while (losses.length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
    master.child.kill("SIGCONT");
    await subscribed(2);
    assert.match(losses[0] ?? "", /DEADLINE_EXCEEDED: nothing was heard/);
  });

  it("hears an update again until it acknowledges, when it does so itself", async () => {
    await startAgent();
    const { driver, offer, update } = startFramework({ acknowledgements: "explicit" });
    await driver.launch([idOf(await offer())], [task("T1", await offer(), "exit 0")]);
    const first = await update(TaskState.TASK_RUNNING);
    const repeated = await update(TaskState.TASK_RUNNING, 2);
    assert.deepEqual(repeated.uuid, first.uuid);
    await driver.acknowledge(repeated);
    await driver.acknowledge(await update(TaskState.TASK_FINISHED));
    await assert.doesNotReject(driver.acknowledge({ ...first, uuid: undefined }), "there is nothing to acknowledge");
  });

  it("learns by reconciliation what it did not hear", async () => {
    const { driver, update, subscribed } = startFramework();
    await subscribed();
    await driver.reconcile([{ taskId: "never-launched" }]);
    const status = await update(TaskState.TASK_LOST);
    assert.equal(status.taskId?.value, "never-launched");
  });
});

function idOf(offer: Offer): string {
  return offer.id?.value ?? "";
}

function task(taskId: string, offer: Offer, command: string): TaskInfo {
  const scalar = (name: string, value: number) => ({ name, type: Value_Type.SCALAR, scalar: { value } });
  return TaskInfo.fromPartial({
    name: taskId,
    taskId: { value: taskId },
    agentId: offer.agentId,
    resources: [scalar("cpus", 0.1), scalar("mem", 32)],
    command: { shell: true, value: command },
  });
}

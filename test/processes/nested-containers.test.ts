/**
 * Containers and sessions within the tasks of a real agent: they see the task's sandbox and never outlive it. Sessions end with their call
 * and with the agent; containers are the next agent's.
 */

import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type ServiceError, status } from "@grpc/grpc-js";
import { after, before, describe, it } from "mocha";
import {
  Call_AttachContainerInput,
  Call_AttachContainerOutput,
  Call_GetContainers,
  Call_KillContainer,
  Call_LaunchContainer,
  Call_LaunchNestedContainer,
  Call_WaitContainer,
  ProcessIO,
  Response_GetContainers,
  Response_WaitContainer,
  Response_WaitNestedContainer,
} from "../../protos/gen/mesos/v1/agent/agent.ts";
import { CommandInfo, type ContainerID, TaskState } from "../../protos/gen/mesos/v1/mesos.ts";
import { OneAgent } from "./one-agent.ts";
import { sandboxFolders } from "./sandbox-folders.ts";
import { until } from "./until.ts";

const identity = (bytes: Buffer): Buffer => bytes;

for (const cgroups of ["auto", "off"]) {
  describe(`containers within tasks, --cgroups=${cgroups}`, function () {
    this.timeout(40_000);
    let one: OneAgent;

    before(async () => {
      one = await OneAgent.boot(`--cgroups=${cgroups}`);
    });
    after(() => one.end());

    async function runTask(taskId: string): Promise<{ readonly containerId: ContainerID; readonly folder: string }> {
      await one.launch(taskId, {
        value: "echo own; exec sleep 3600",
        environment: { variables: [{ name: "COLOR", value: "red" }] },
      } as CommandInfo);
      const { containerStatus } = await one.framework.reached(taskId, TaskState.TASK_RUNNING);
      const folder = sandboxFolders(one.workDir).find((name) => name.includes(`/${taskId}/`));
      assert.ok(containerStatus?.containerId !== undefined && folder !== undefined);
      await until(() => (readFileSync(join(folder, "stdout"), "utf8") === "own\n" ? true : undefined));
      return { containerId: containerStatus.containerId, folder };
    }

    const launchOf = (containerId: ContainerID, value: string): Uint8Array =>
      Call_LaunchNestedContainer.encode({ containerId, command: CommandInfo.fromPartial({ value }) }).finish();
    const named = (containerId: ContainerID): Uint8Array => Call_WaitContainer.encode({ containerId }).finish();

    it("run, end and go: launched, waited for, killed, removed, in both forms", async () => {
      const { containerId: parent, folder } = await runTask("around");
      const first = { value: "first", parent };
      assert.equal((await one.ask("LaunchNestedContainer", launchOf(first, 'echo "$COLOR"; exit 5'))).code, status.OK);
      const wait = await one.tell("WaitNestedContainer", Response_WaitNestedContainer, named(first));
      assert.equal(wait.exitStatus, 5 * 256);
      assert.equal(readFileSync(join(folder, "containers/first/stdout"), "utf8"), "red\n");
      assert.equal((await one.ask("RemoveNestedContainer", named(first))).code, status.OK);
      assert.equal(existsSync(join(folder, "containers/first")), false);
      assert.equal((await one.ask("WaitNestedContainer", named(first))).code, status.NOT_FOUND);

      const second = { value: "second", parent };
      const command = CommandInfo.fromPartial({ value: "sleep 3600" });
      const launch = Call_LaunchContainer.encode({ containerId: second, command, resources: [], limits: {} }).finish();
      assert.equal((await one.ask("LaunchContainer", launch)).code, status.OK);
      assert.equal((await one.ask("LaunchContainer", launch)).code, status.ALREADY_EXISTS);
      const shown = await one.tell("GetContainers", Response_GetContainers, Call_GetContainers.encode({ showNested: true }).finish());
      assert.ok(shown.containers.some(({ containerId }) => containerId?.value === "second" && containerId.parent?.value === parent.value));
      const output = one.open("AttachContainerOutput", Call_AttachContainerOutput.encode({ containerId: second }).finish());
      await once(output, "data");
      assert.equal((await one.ask("RemoveContainer", named(second))).code, status.FAILED_PRECONDITION);
      assert.equal(
        (await one.ask("KillContainer", Call_KillContainer.encode({ containerId: second, signal: 15 }).finish())).code,
        status.OK,
      );
      assert.equal((await one.tell("WaitContainer", Response_WaitContainer, named(second))).exitStatus, 15);
      await once(output, "end");
      assert.equal((await one.ask("RemoveContainer", named(second))).code, status.OK);

      assert.equal((await one.ask("KillContainer", named(parent))).code, status.NOT_FOUND, "that of a task is its framework's");
      const nowhere = { value: "n", parent: { value: "nowhere" } };
      assert.equal((await one.ask("LaunchNestedContainer", launchOf(nowhere, "true"))).code, status.NOT_FOUND);
      const alone = Call_LaunchContainer.encode({ containerId: { value: "alone" }, command, resources: [], limits: {} }).finish();
      assert.equal((await one.ask("LaunchContainer", alone)).code, status.UNIMPLEMENTED);
    });

    it("as sessions write to the caller and read what he sends", async () => {
      const { containerId: parent, folder } = await runTask("talks");
      const session = { value: "session", parent };
      const stream = one.open("LaunchNestedContainerSession", launchOf(session, "cat stdout; cat; pwd; exit 3"));
      const pieces: ProcessIO[] = [];
      stream.on("data", (bytes: Buffer) => pieces.push(ProcessIO.decode(bytes)));
      await until(() => pieces.length > 0);
      const input = one.operator.makeClientStreamRequest("/tepui.v1.AgentOperator/AttachContainerInput", identity, identity, (error) => {
        assert.equal(error, null);
      });
      const send = (fields: Parameters<typeof Call_AttachContainerInput.fromPartial>[0]): void =>
        void input.write(Buffer.from(Call_AttachContainerInput.encode(Call_AttachContainerInput.fromPartial(fields)).finish()));
      send({ type: 1, containerId: session });
      send({ type: 2, processIo: { type: 2, control: { type: 2 } } });
      send({ type: 2, processIo: { type: 1, data: { type: 1, data: Buffer.from("typed\n") } } });
      send({ type: 2, processIo: { type: 1, data: { type: 1, data: Buffer.alloc(0) } } });
      input.end();
      await once(stream, "end");
      const text = pieces.flatMap(({ data }) => (data?.type === 2 ? [Buffer.from(data.data ?? []).toString()] : [])).join("");
      assert.equal(text, `own\ntyped\n${folder}\n`);
      assert.equal((await one.tell("WaitNestedContainer", Response_WaitNestedContainer, named(session))).exitStatus, 3 * 256);
    });

    it("take input in pieces of up to 4 MiB", async () => {
      const { containerId: parent } = await runTask("reads");
      const session = { value: "counts", parent };
      const stream = one.open("LaunchNestedContainerSession", launchOf(session, "cksum"));
      const pieces: ProcessIO[] = [];
      stream.on("data", (bytes: Buffer) => pieces.push(ProcessIO.decode(bytes)));
      await until(() => pieces.length > 0);
      const input = one.operator.makeClientStreamRequest("/tepui.v1.AgentOperator/AttachContainerInput", identity, identity, (error) => {
        assert.equal(error, null);
      });
      const send = (fields: Parameters<typeof Call_AttachContainerInput.fromPartial>[0]): void =>
        void input.write(Buffer.from(Call_AttachContainerInput.encode(Call_AttachContainerInput.fromPartial(fields)).finish()));
      send({ type: 1, containerId: session });
      for (const size of [64 * 1024, 4_000_000, 0]) send({ type: 2, processIo: { type: 1, data: { type: 1, data: Buffer.alloc(size) } } });
      input.end();
      await once(stream, "end");
      const text = pieces.flatMap(({ data }) => (data?.type === 2 ? [Buffer.from(data.data ?? []).toString()] : [])).join("");
      assert.match(text, /^\d+ 4065536\n$/);
    });

    it("hold a session up whose caller does not read, and let it go with the call", async () => {
      const { containerId: parent, folder } = await runTask("floods");
      const flood = `echo $$ >${folder}/pid; exec yes`;
      const stream = one.open("LaunchNestedContainerSession", launchOf({ value: "flood", parent }, flood));
      stream.on("error", () => {});
      await until(() => (existsSync(join(folder, "pid")) ? true : undefined));
      const command = `/proc/${readFileSync(join(folder, "pid"), "utf8").trim()}`;
      const input = one.operator.makeClientStreamRequest("/tepui.v1.AgentOperator/AttachContainerInput", identity, identity, () => {});
      const attach = Call_AttachContainerInput.fromPartial({ type: 1, containerId: { value: "flood", parent } });
      input.write(Buffer.from(Call_AttachContainerInput.encode(attach).finish()));
      await sleep(300);
      assert.ok(existsSync(command), "it waits until somebody reads");
      stream.cancel();
      await until(() => (existsSync(command) ? undefined : true));
      assert.equal((await one.tell("WaitContainer", Response_WaitContainer, named({ value: "flood", parent }))).exitStatus, 9);
      input.cancel();
    });

    it("refuse input that does not say for whom, or for a container without a session", async () => {
      const codeOf = async (...messages: Parameters<typeof Call_AttachContainerInput.fromPartial>[0][]): Promise<number> => {
        const answered = new Promise<number>((resolve) => {
          const input = one.operator.makeClientStreamRequest("/tepui.v1.AgentOperator/AttachContainerInput", identity, identity, (error) =>
            resolve(error?.code ?? status.OK),
          );
          for (const one of messages) {
            input.write(Buffer.from(Call_AttachContainerInput.encode(Call_AttachContainerInput.fromPartial(one)).finish()));
          }
          input.end();
        });
        return answered;
      };
      assert.equal(await codeOf(), status.INVALID_ARGUMENT);
      assert.equal(await codeOf({ type: 2, processIo: { type: 2 } }), status.INVALID_ARGUMENT);
      assert.equal(await codeOf({ type: 1, containerId: { value: "nobody" } }), status.NOT_FOUND);
    });

    for (const signal of ["SIGTERM", "SIGKILL"] as const) {
      it(`go on after ${signal} to their agent, and are the next one's: output, signals, ends, and the end of their task`, async () => {
        const taskId = `stays-${signal}`;
        const { containerId: parent, folder } = await runTask(taskId);
        const inner = (name: string): ContainerID => ({ value: name, parent });
        const file = (name: string, path: string): string => join(folder, "containers", name, path);
        const waiting = `echo began; while [ ! -e go ]; do sleep 0.02; done; echo went; exit 6`;
        const scripts = { early: waiting, late: waiting, told: `trap 'exit 7' TERM; ${waiting}`, left: `trap "" TERM; ${waiting}` };
        for (const [name, script] of Object.entries(scripts)) {
          assert.equal((await one.ask("LaunchNestedContainer", launchOf(inner(name), script))).code, status.OK);
          await until(() => existsSync(file(name, "stdout")) && readFileSync(file(name, "stdout"), "utf8") === "began\n");
        }
        const session = one.open("LaunchNestedContainerSession", launchOf(inner("session"), `echo $$ >${folder}/session; exec sleep 3600`));
        session.on("error", () => {});
        session.resume();
        await until(() => existsSync(join(folder, "session")) && readFileSync(join(folder, "session"), "utf8") !== "");
        const asked = one.ask("WaitNestedContainer", named(inner("late")));

        await one.agent.end(signal);
        assert.equal((await asked).code, status.UNAVAILABLE);
        await until(() => !existsSync(`/proc/${readFileSync(join(folder, "session"), "utf8").trim()}`));
        writeFileSync(file("early", "go"), "");
        await until(() => readFileSync(file("early", "stdout"), "utf8") === "began\nwent\n");
        await one.start(`--cgroups=${cgroups}`);

        const exitOf = async (name: string): Promise<number | undefined> =>
          (await one.tell("WaitNestedContainer", Response_WaitNestedContainer, named(inner(name)))).exitStatus;
        assert.equal(await exitOf("early"), 6 * 256);
        assert.equal((await one.ask("WaitNestedContainer", named(inner("session")))).code, status.NOT_FOUND);
        const shown = await one.tell("GetContainers", Response_GetContainers, Call_GetContainers.encode({ showNested: true }).finish());
        const within = shown.containers.flatMap(({ containerId }) =>
          containerId?.parent?.value === parent.value ? [containerId.value] : [],
        );
        assert.deepEqual(within.sort(), ["late", "left", "told"]);

        const output = one.open("AttachContainerOutput", Call_AttachContainerOutput.encode({ containerId: inner("late") }).finish());
        const pieces: ProcessIO[] = [];
        output.on("data", (bytes: Buffer) => pieces.push(ProcessIO.decode(bytes)));
        await until(() => pieces.length > 0);
        writeFileSync(file("late", "go"), "");
        await once(output, "end");
        assert.equal(pieces.flatMap(({ data }) => Buffer.from(data?.data ?? []).toString()).join(""), "went\n");
        assert.equal(await exitOf("late"), 6 * 256);

        const kill = Call_KillContainer.encode({ containerId: inner("told"), signal: 15 }).finish();
        assert.equal((await one.ask("KillNestedContainer", kill)).code, status.OK);
        assert.equal(await exitOf("told"), 7 * 256);
        assert.equal((await one.ask("RemoveNestedContainer", named(inner("told")))).code, status.OK);
        assert.equal(existsSync(file("told", "stdout")), false);
        assert.equal((await one.ask("LaunchNestedContainer", launchOf(inner("new"), "exit 2"))).code, status.OK);
        assert.equal(await exitOf("new"), 2 * 256);

        const killPolicy = { gracePeriod: { nanoseconds: 100_000_000n } };
        await one.framework.call({ type: 6, kill: { taskId: { value: taskId }, killPolicy } });
        assert.equal(await exitOf("left"), 9);
        await one.framework.reached(taskId, TaskState.TASK_KILLED);
      });
    }

    it("die with their call, and with their task", async () => {
      const { containerId: parent, folder } = await runTask("dies");
      const beat = (name: string): string => `while :; do echo x >>${folder}/${name}; sleep 0.02; done`;
      const isSilent = async (name: string): Promise<true | undefined> => {
        const before = readFileSync(join(folder, name), "utf8").length;
        await sleep(150);
        return readFileSync(join(folder, name), "utf8").length === before ? true : undefined;
      };
      const began = (name: string): Promise<true> => until(() => existsSync(join(folder, name)));

      const call = one.open("LaunchNestedContainerSession", launchOf({ value: "call", parent }, `(${beat("child")}) & ${beat("call")}`));
      call.on("error", () => {});
      await began("call");
      await began("child");
      call.cancel();
      await until(() => isSilent("call"));
      await until(() => isSilent("child"));

      const stream = one.open("LaunchNestedContainerSession", launchOf({ value: "task", parent }, beat("task")));
      const ended = Promise.race([once(stream, "end"), once(stream, "error")]);
      stream.resume();
      await began("task");
      await one.framework.call({
        type: 6,
        kill: { taskId: { value: "dies" }, killPolicy: { gracePeriod: { nanoseconds: 100_000_000n } } },
      });
      await one.framework.reached("dies", TaskState.TASK_KILLED);
      await until(() => isSilent("task"));
      await ended;
    });

    it("die with everything else when the agent is drained", async () => {
      const { containerId: parent, folder } = await runTask("drained");
      const loop = `while :; do echo x >>${folder}/beat; sleep 0.02; done`;
      assert.equal((await one.ask("LaunchNestedContainer", launchOf({ value: "n", parent }, loop))).code, status.OK);
      const stream = one.open("LaunchNestedContainerSession", launchOf({ value: "s", parent }, "trap '' TERM; sleep 3600"));
      const ended = new Promise<ServiceError | undefined>((resolve) => {
        stream.on("error", resolve);
        stream.on("end", () => resolve(undefined));
      });
      stream.resume();
      await until(() => existsSync(join(folder, "beat")));
      assert.equal((await one.agent.end("SIGUSR1")).code, 0);
      const length = readFileSync(join(folder, "beat"), "utf8").length;
      await ended;
      await sleep(100);
      assert.equal(readFileSync(join(folder, "beat"), "utf8").length, length, "it does not run any more");
    });
  });
}

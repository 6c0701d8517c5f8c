/** Commands as tasks describe them, and everything that this agent cannot honour. */

import assert from "node:assert/strict";
import type { TaskToRun } from "../../../agent/core/master-message.ts";
import { toTaskToRun } from "../../../agent/wire/task-to-run.ts";
import { CommandInfo, Environment_Variable_Type, FrameworkInfo, TaskInfo } from "../../../protos/gen/mesos/v1/mesos.ts";

type TaskFields = Parameters<typeof TaskInfo.fromPartial>[0];

/** A task as it arrives: encoded and decoded. */
function read(fields: TaskFields): TaskToRun {
  const info = TaskInfo.fromPartial({ name: "t", taskId: { value: "T" }, agentId: { value: "A" }, command: { value: "true" }, ...fields });
  const framework = FrameworkInfo.fromPartial({ id: { value: "F" }, name: "f", user: "u" });
  const read = toTaskToRun(framework, TaskInfo.decode(TaskInfo.encode(info).finish()));
  assert.ok(read.ok);
  return read.value;
}

const variable = (name: string, value: string) => ({ name, value, type: Environment_Variable_Type.VALUE });

const executor = { executorId: { value: "E" }, command: { value: "run", shell: false } };

describe("toTaskToRun()", () => {
  it("reads a custom executor, with its grace and the id of its framework", () => {
    const task = read({ command: undefined, executor: { ...executor, shutdownGracePeriod: { nanoseconds: 1_500_000_000n } } });
    assert.deepEqual([task.problem, task.command, task.executor?.executorId], [undefined, undefined, "E"]);
    assert.deepEqual([task.executor?.command?.value, task.executor?.shutdownGraceMs], ["run", 1_500]);
    assert.equal(task.executor?.info.frameworkId?.value, "F");
  });

  it("reads the volumes and the limits that a container asks for", () => {
    const container = {
      type: 2 as const,
      volumes: [
        { mode: 2 as const, containerPath: "a", hostPath: "/srv" },
        { mode: 1 as const, containerPath: "b/c", hostPath: "own" },
        { mode: 1 as const, containerPath: "d", source: { type: 4 as const, hostPath: { path: "/opt" } } },
        { mode: 1 as const, containerPath: "e", source: { type: 2 as const, sandboxPath: { type: 1 as const, path: "f/g" } } },
      ],
      rlimitInfo: { rlimits: [{ type: 10 as const, soft: 10n, hard: 20n }] },
    };
    const setup = {
      volumes: [
        { containerPath: "a", target: { kind: "host", path: "/srv" }, isReadOnly: true },
        { containerPath: "b/c", target: { kind: "own", path: "own" }, isReadOnly: false },
        { containerPath: "d", target: { kind: "host", path: "/opt" }, isReadOnly: false },
        { containerPath: "e", target: { kind: "own", path: "f/g" }, isReadOnly: false },
      ],
      processLimits: [{ name: "nofile", range: { soft: 10n, hard: 20n } }],
    };
    assert.deepEqual(read({ container }).setup, setup);
    const withExecutor = read({ command: undefined, container, executor: { ...executor, container } });
    assert.deepEqual([withExecutor.setup, withExecutor.executor?.setup], [undefined, setup], "the task's is for the executor to honour");
    assert.equal(read({ container: { type: 2, networkInfos: [{}] } }).setup, undefined);
  });

  it("reads a command for the shell, which is the default", () => {
    const environment = { variables: [variable("A", "1"), variable("B", "")] };
    assert.deepEqual(read({ command: { value: "echo $A", arguments: ["ignored"], environment } }).command, {
      shell: true,
      value: "echo $A",
      arguments: [],
      environment: [
        ["A", "1"],
        ["B", ""],
      ],
      uris: [],
      user: undefined,
    });
  });

  it("reads a program with its arguments", () => {
    const command = CommandInfo.fromPartial({ shell: false, value: "/bin/sleep", arguments: ["sleep", "5"] });
    const program = read({ command }).command;
    assert.deepEqual([program?.shell, program?.value, program?.arguments], [false, "/bin/sleep", ["sleep", "5"]]);
  });

  it("reads files and the user of a command and of an executor, with the defaults of the protocol", () => {
    const uris = [{ value: "http://a/b.tgz" }, { value: "/c", executable: true, extract: false, cache: true, outputFile: "d/e" }];
    const files = [
      { value: "http://a/b.tgz", executable: false, extract: true, cache: false, outputFile: undefined },
      { value: "/c", executable: true, extract: false, cache: true, outputFile: "d/e" },
    ];
    const command = { value: "x", uris, user: "alice" };
    const task = read({ command });
    assert.deepEqual([task.command?.uris, task.command?.user], [files, "alice"]);
    const withExecutor = read({ command: undefined, executor: { ...executor, command } });
    assert.deepEqual([withExecutor.executor?.command?.uris, withExecutor.executor?.command?.user], [files, "alice"]);
  });

  it("reads the task's grace, rounded up to milliseconds, three seconds without one", () => {
    const grace = (nanoseconds: bigint) => read({ killPolicy: { gracePeriod: { nanoseconds } } }).killGraceMs;
    assert.equal(read({}).killGraceMs, 3_000);
    assert.equal(grace(0n), 0);
    assert.equal(grace(1n), 1);
    assert.equal(grace(2_000_000n), 2);
  });

  const problems: { name: string; fields: TaskFields; problem: RegExp }[] = [
    { name: "both a command and an executor", fields: { executor }, problem: /^task\.command must be absent/ },
    {
      name: "an executor without a command",
      fields: { command: undefined, executor: { executorId: { value: "e" } } },
      problem: /^task\.executor.*command/,
    },
    {
      name: "the default executor outside a group",
      fields: { executor: { executorId: { value: "E" }, type: 1 } },
      problem: /^task\.executor\.type must not be DEFAULT outside a group/,
    },
    {
      name: "a default executor with a command",
      fields: { executor: { ...executor, type: 1 } },
      problem: /^task\.executor\.command must be absent/,
    },
    {
      name: "an executor of a type that nobody has",
      fields: { command: undefined, executor: { ...executor, type: 0 } },
      problem: /^task\.executor\.type must be CUSTOM or DEFAULT/,
    },
    {
      name: "an executor's container",
      fields: { command: undefined, executor: { ...executor, container: { type: 2, hostname: "h" } } },
      problem: /^task\.executor\.container\.hostname must be absent/,
    },
    { name: "a terminal", fields: { container: { type: 2, ttyInfo: {} } }, problem: /^task\.container\.tty_info must be absent/ },
    { name: "a health check without a type", fields: { healthCheck: { delaySeconds: 1 } }, problem: /^task\.health_check\.type must be/ },
    { name: "a check without a type", fields: { check: { delaySeconds: 1 } }, problem: /^task\.check\.type must be/ },
    {
      name: "a zero byte in the command of a check",
      fields: { check: { type: 1, command: { command: { value: "x\0" } } } },
      problem: /^task\.check\.command\.command\.value must not/,
    },
    {
      name: "a negative completion time",
      fields: { maxCompletionTime: { nanoseconds: -5n } },
      problem: /^task\.max_completion_time must not/,
    },
    { name: "limits of nothing", fields: { limits: { mem: { value: 1 } } }, problem: /^task\.limits\["mem"\] must have mem/ },
    { name: "a negative grace", fields: { killPolicy: { gracePeriod: { nanoseconds: -1n } } }, problem: /must not be negative, is -1 ns/ },
    { name: "an empty command", fields: { command: { value: "" } }, problem: /^task\.command\.value must not be empty/ },
    {
      name: "a file outside of the sandbox",
      fields: { command: { value: "x", uris: [{ value: "http://a", outputFile: "../x" }] } },
      problem: /^task\.command\.uris\[0\]\.output_file must not contain "\.\."/,
    },
    {
      name: "a secret variable of an executor",
      fields: {
        command: undefined,
        executor: {
          ...executor,
          command: { value: "x", environment: { variables: [{ name: "s", type: Environment_Variable_Type.SECRET }] } },
        },
      },
      problem: /^task\.executor\.command\.environment\.variables\[0\]\.type must be VALUE/,
    },
  ];
  for (const { name, fields, problem } of problems) {
    it(`has a problem with ${name}`, () => {
      const task = read(fields);
      assert.match(task.problem ?? "", problem);
      assert.equal(task.command, undefined);
    });
  }

  it("takes a variable without a type as a plain value", () => {
    const task = read({ command: { value: "x", environment: { variables: [{ name: "a", value: "1" }] } } });
    assert.deepEqual(task.command?.environment, [["a", "1"]]);
  });

  it("has a problem without a command", () => {
    const framework = FrameworkInfo.fromPartial({ id: { value: "F" } });
    const task = toTaskToRun(framework, TaskInfo.fromPartial({ taskId: { value: "T" } }));
    assert.equal(task.ok && task.value.problem, "task.command must be set");
  });
});

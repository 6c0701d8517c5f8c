/** Operator calls about nested containers, from bytes: each rule with its field and value. */

import assert from "node:assert/strict";
import { decodeInput, decodeKill, decodeLaunch, decodeNamed, encodeWait, type LaunchName } from "../../../agent/wire/nested-calls.ts";
import type { Result } from "../../../common/result.ts";
import {
  Call_AttachContainerInput,
  Call_KillContainer,
  Call_LaunchContainer,
  Call_LaunchNestedContainer,
  Call_WaitContainer,
  Response_WaitContainer,
  Response_WaitNestedContainer,
} from "../../../protos/gen/mesos/v1/agent/agent.ts";
import { messageRows } from "../../../protos/gen/schema.ts";

type Launch = Parameters<typeof Call_LaunchContainer.fromPartial>[0];

const nested = { value: "n", parent: { value: "c1" } };
const valid: Launch = { containerId: nested, command: { value: "true" } };

function launch(name: LaunchName, fields: Launch): ReturnType<typeof decodeLaunch> {
  if (name === "LaunchContainer") return decodeLaunch(name, Call_LaunchContainer.encode(Call_LaunchContainer.fromPartial(fields)).finish());
  const { resources: _, limits: __, ...older } = fields;
  return decodeLaunch(name, Call_LaunchNestedContainer.encode(Call_LaunchNestedContainer.fromPartial(older)).finish());
}

function refusalOf(result: Result<unknown>, code = "INVALID_ARGUMENT"): string {
  assert.ok(!result.ok, "it was taken");
  assert.equal(result.refusal.code, code);
  return result.refusal.message;
}

const names = ["LaunchNestedContainer", "LaunchNestedContainerSession", "LaunchContainer"] as const;

describe("decodeLaunch()", () => {
  it("reads the three forms alike", () => {
    for (const name of names) {
      const decoded = launch(name, {
        ...valid,
        command: { value: "ls", user: "web", environment: { variables: [{ name: "A", value: "b" }] } },
      });
      assert.ok(decoded.ok);
      const { containerId, parentId, command, terminal } = decoded.value;
      assert.deepEqual([containerId, parentId, terminal], ["c1.n", "c1", undefined]);
      assert.deepEqual([command.shell, command.value, command.user, command.environment], [true, "ls", "web", [["A", "b"]]]);
    }
  });

  it("wants a container around it; alone is what this agent does not have", () => {
    const alone = { ...valid, containerId: { value: "c1" } };
    assert.equal(refusalOf(launch("LaunchNestedContainer", alone)), "launch_nested_container.container_id.parent must be set");
    assert.equal(
      refusalOf(launch("LaunchContainer", alone), "UNIMPLEMENTED"),
      "launch_container.container_id.parent must be set: every container of this agent belongs to a framework",
    );
  });

  it("refuses what it cannot do, rather than run something else", () => {
    const cases: readonly [LaunchName, Launch, RegExp][] = [
      [
        "LaunchContainer",
        { ...valid, containerId: { value: "a.b", parent: { value: "c" } } },
        /^launch_container\.container_id\.value must match/,
      ],
      ["LaunchContainer", { containerId: nested }, /^launch_container\.command must be set$/],
      ["LaunchContainer", { ...valid, command: { value: "" } }, /^launch_container\.command\.value must not be empty$/],
      ["LaunchNestedContainer", { ...valid, command: { value: "a", user: "-x" } }, /^launch_nested_container\.command\.user must be/],
      [
        "LaunchNestedContainer",
        { ...valid, command: { value: "a", uris: [{ value: "/x" }] } },
        /command\.uris must be empty: .*, has 1 entries$/,
      ],
      [
        "LaunchContainer",
        { ...valid, resources: [{ name: "cpus", type: 0, scalar: { value: 1 } }] },
        /resources must be empty: .*, has 1 entries$/,
      ],
      ["LaunchContainer", { ...valid, limits: { cpus: { value: 1 } } }, /limits must be empty/],
      ["LaunchNestedContainer", { ...valid, container: { type: 1 } }, /container must have the type MESOS/],
      [
        "LaunchNestedContainer",
        { ...valid, container: { type: 2, hostname: "h" } },
        /container must have the type MESOS and nothing but tty_info$/,
      ],
      [
        "LaunchNestedContainer",
        { ...valid, container: { type: 2, ttyInfo: {} } },
        /tty_info must be absent: only sessions have a terminal$/,
      ],
    ];
    for (const [name, fields, pattern] of cases) assert.match(refusalOf(launch(name, fields)), pattern);
    for (const name of names) assert.match(refusalOf(decodeLaunch(name, Uint8Array.of(0x0a, 0xff))), /^container_id must/);
  });

  it("takes a terminal for a session, with a size that one can have", () => {
    const withTerminal = (windowSize?: { rows: number; columns: number }) =>
      launch("LaunchNestedContainerSession", { ...valid, container: { type: 2, ttyInfo: windowSize === undefined ? {} : { windowSize } } });
    const decoded = withTerminal({ rows: 24, columns: 80 });
    assert.ok(decoded.ok);
    assert.deepEqual(decoded.value.terminal, { size: { rows: 24, columns: 80 } });
    assert.ok(withTerminal().ok);
    assert.match(refusalOf(withTerminal({ rows: 0, columns: 80 })), /tty_info\.window_size\.rows must be 1 to 65535, is 0$/);
    assert.match(refusalOf(withTerminal({ rows: 1, columns: 65_536 })), /tty_info\.window_size\.columns must be 1 to 65535, is 65536$/);
  });
});

describe("calls that name a nested container", () => {
  it("have the same fields in their older and newer form", () => {
    for (const [older, newer] of [
      ["Call.LaunchNestedContainer", "Call.LaunchNestedContainerSession"],
      ["Call.WaitNestedContainer", "Call.WaitContainer"],
      ["Call.KillNestedContainer", "Call.KillContainer"],
      ["Call.RemoveNestedContainer", "Call.RemoveContainer"],
      ["Call.RemoveContainer", "Call.WaitContainer"],
      ["Response.WaitNestedContainer", "Response.WaitContainer"],
    ]) {
      const [left, right] = [older, newer].map((name) => messageRows.find((row) => row.name === `mesos.v1.agent.${name}`)?.fields);
      assert.deepEqual(left, right, older);
      assert.ok(left !== undefined);
    }
  });

  it("kill with SIGKILL unless they name another signal that there is", () => {
    const kill = (signal?: number) =>
      decodeKill("KillNestedContainer", Call_KillContainer.encode({ containerId: nested, signal }).finish());
    assert.deepEqual(kill(), { ok: true, value: { containerId: "c1.n", signal: 9 } });
    assert.deepEqual(kill(15), { ok: true, value: { containerId: "c1.n", signal: 15 } });
    for (const signal of [0, -1, 65]) {
      assert.equal(refusalOf(kill(signal)), `kill_nested_container.signal must be 1 to 64, is ${signal}`);
    }
  });

  it("wait and remove", () => {
    const bytes = Call_WaitContainer.encode({ containerId: nested }).finish();
    assert.deepEqual(decodeNamed("RemoveContainer", bytes), { ok: true, value: "c1.n" });
    const bad = Call_WaitContainer.encode({ containerId: { value: "/" } }).finish();
    assert.match(refusalOf(decodeNamed("WaitNestedContainer", bad)), /^wait_nested_container\.container_id\.value must match/);
    assert.equal(Response_WaitNestedContainer.decode(encodeWait({ kind: "exited", code: 3 })).exitStatus, 3 * 256);
    assert.equal(Response_WaitContainer.decode(encodeWait({ kind: "signalled", signal: 9 })).exitStatus, 9);
  });
});

describe("decodeInput()", () => {
  const decode = (fields: Parameters<typeof Call_AttachContainerInput.fromPartial>[0]) =>
    decodeInput(Call_AttachContainerInput.encode(Call_AttachContainerInput.fromPartial(fields)).finish());

  it("reads a container, data, and signs of life", () => {
    assert.deepEqual(decode({ type: 1, containerId: nested }), { ok: true, value: { kind: "container", containerId: "c1.n" } });
    const data = decode({ type: 2, processIo: { type: 1, data: { type: 1, data: Buffer.from("in") } } });
    assert.ok(data.ok && data.value.kind === "data");
    assert.equal(Buffer.from(data.value.data).toString(), "in");
    assert.deepEqual(decode({ type: 2, processIo: { type: 2, control: { type: 2 } } }), { ok: true, value: { kind: "heartbeat" } });
  });

  it("refuses what is none of these", () => {
    const path = "attach_container_input";
    assert.equal(refusalOf(decode({})), `${path}.type must be CONTAINER_ID or PROCESS_IO, is not set`);
    assert.equal(refusalOf(decode({ type: 1 })), `${path}.container_id must be set`);
    assert.equal(refusalOf(decode({ type: 2 })), `${path}.process_io.type must be DATA or CONTROL, is not set`);
    assert.equal(
      refusalOf(decode({ type: 2, processIo: { type: 1, data: { type: 2 } } })),
      `${path}.process_io.data.type must be STDIN, is 2`,
    );
    assert.match(refusalOf(decodeInput(Uint8Array.of(0xff))), /must/);
  });
});

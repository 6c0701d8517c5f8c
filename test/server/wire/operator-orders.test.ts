/** What operators order about machines, from bytes: names in one spelling, and each rule with its message. */

import assert from "node:assert/strict";
import { Call_StartMaintenance, Call_StopMaintenance, Call_UpdateMaintenanceSchedule } from "../../../protos/gen/mesos/v1/master/master.ts";
import type { MachineID } from "../../../protos/gen/mesos/v1/mesos.ts";
import { ScheduleReplacement } from "../../../protos/gen/tepui/v1/operator_orders.ts";
import { scheduledMachinesMax } from "../../../server/wire/limits.ts";
import { operatorOrders } from "../../../server/wire/operator-orders.ts";

interface WindowFields {
  readonly machines: readonly MachineID[];
  readonly startNs?: bigint;
  readonly durationNs?: bigint;
}

const scheduleBytes = (...windows: readonly WindowFields[]): Uint8Array =>
  Call_UpdateMaintenanceSchedule.encode({
    schedule: {
      windows: windows.map(({ machines, startNs = 1n, durationNs }) => ({
        machineIds: [...machines],
        unavailability: { start: { nanoseconds: startNs }, duration: durationNs === undefined ? undefined : { nanoseconds: durationNs } },
      })),
    },
  }).finish();

function decode(name: string, bytes: Uint8Array) {
  const decoder = operatorOrders[name];
  assert.ok(decoder !== undefined, name);
  return decoder(bytes);
}

const plan = (...windows: readonly WindowFields[]) => decode("UpdateMaintenanceSchedule", scheduleBytes(...windows));
const at = "update_maintenance_schedule.schedule.windows";

describe("UpdateMaintenanceSchedule", () => {
  it("takes any number of windows, whenever they begin and however long they last", () => {
    const windows = [
      { machines: [{ hostname: "a" }], startNs: -1n },
      { machines: [{ ip: "10.0.0.1" }], durationNs: 0n },
    ];
    assert.deepEqual(plan(...windows), {
      ok: true,
      value: {
        kind: "updateSchedule",
        windows: [
          { machineIds: [{ hostname: "a", ip: undefined }], unavailability: { startNs: -1n, durationNs: undefined } },
          { machineIds: [{ hostname: undefined, ip: "10.0.0.1" }], unavailability: { startNs: 1n, durationNs: 0n } },
        ],
        expected: undefined,
      },
    });
    assert.deepEqual(plan(), { ok: true, value: { kind: "updateSchedule", windows: [], expected: undefined } });
  });

  it("takes hostnames in any case and addresses in any spelling for the same", () => {
    const decoded = plan({ machines: [{ hostname: "A.Example", ip: "2001:DB8:0::1" }] });
    assert.ok(decoded.ok && decoded.value.kind === "updateSchedule");
    assert.deepEqual(decoded.value.windows[0]?.machineIds, [{ hostname: "a.example", ip: "2001:db8::1" }]);
  });

  const a = { hostname: "a" };
  const many = Array.from({ length: scheduledMachinesMax + 1 }, (_, index) => ({ hostname: `h${index}` }));
  const bad: readonly [name: string, windows: readonly WindowFields[], message: string][] = [
    ["a window without machines", [{ machines: [a] }, { machines: [] }], `${at}[1].machine_ids must not be empty`],
    [
      "a negative duration",
      [{ machines: [a], durationNs: -1n }],
      `${at}[0].unavailability.duration.nanoseconds must not be negative, is -1`,
    ],
    ["a machine without a name", [{ machines: [a, {}] }], `${at}[0].machine_ids[1] must have a hostname or an ip`],
    ["an empty name", [{ machines: [{ hostname: "", ip: "" }] }], `${at}[0].machine_ids[0] must have a hostname or an ip`],
    ["a name for an address", [{ machines: [{ ip: "a" }] }], `${at}[0].machine_ids[0].ip must be an IPv4 or IPv6 address, is "a"`],
    ["a machine twice", [{ machines: [a, { hostname: "A" }] }], twice("a", `${at}[0].machine_ids[1]`)],
    ["a machine in two windows", [{ machines: [a] }, { machines: [a] }], twice("a", `${at}[1].machine_ids[0]`)],
    [
      "a machine that another name includes",
      [{ machines: [a] }, { machines: [{ hostname: "a", ip: "10.0.0.1" }] }],
      twice("a (10.0.0.1)", `${at}[1].machine_ids[0]`),
    ],
    [
      "a name that includes another machine",
      [{ machines: [{ hostname: "a", ip: "::1" }] }, { machines: [{ ip: "0::1" }] }],
      twice("::1", `${at}[1].machine_ids[0]`),
    ],
    ["a hostname with a space", [{ machines: [{ hostname: "a b" }] }], `${at}[0].machine_ids[0].hostname must not have spaces, is "a b"`],
    [
      "a hostname that is none",
      [{ machines: [{ hostname: "x".repeat(254) }] }],
      `${at}[0].machine_ids[0].hostname must have at most 253 characters, has 254`,
    ],
    ["too many machines", [{ machines: many }], `${at}[0].machine_ids[5000] must not be there, machines must be at most 5000`],
  ];
  for (const [name, windows, message] of bad) {
    it(`refuses ${name}`, () => assert.deepEqual(plan(...windows), { ok: false, refusal: { code: "INVALID_ARGUMENT", message } }));
  }

  it("refuses a window without a start", () => {
    const bytes = Call_UpdateMaintenanceSchedule.encode({
      schedule: { windows: [{ machineIds: [a], unavailability: { start: undefined } }] },
    }).finish();
    const decoded = decode("UpdateMaintenanceSchedule", bytes);
    assert.ok(!decoded.ok);
    assert.equal(decoded.refusal.message, "schedule.windows[0].unavailability.start must be set");
  });
});

describe("ReplaceMaintenanceSchedule", () => {
  const replace = (expected: readonly string[], planned: readonly string[]) => {
    const toWindows = (names: readonly string[]) =>
      names.map((hostname) => ({ machineIds: [{ hostname }], unavailability: { start: { nanoseconds: 1n } } }));
    const message = { expected: { windows: toWindows(expected) }, schedule: { windows: toWindows(planned) } };
    return decode("ReplaceMaintenanceSchedule", ScheduleReplacement.encode(message).finish());
  };

  it("says what the schedule has to be, and what it becomes; each may name what the other names", () => {
    const decoded = replace(["A", "b"], ["a"]);
    assert.ok(decoded.ok && decoded.value.kind === "updateSchedule");
    const names = [decoded.value.expected, decoded.value.windows].map((windows) =>
      windows?.map(({ machineIds }) => machineIds[0]?.hostname),
    );
    assert.deepEqual(names, [["a", "b"], ["a"]]);
  });

  it("refuses each of the two as UpdateMaintenanceSchedule does, by its name", () => {
    for (const [field, decoded] of [
      ["expected", replace(["a", "a"], [])],
      ["schedule", replace([], ["a", "a"])],
    ] as const) {
      assert.ok(!decoded.ok);
      const path = `replace_maintenance_schedule.${field}.windows`;
      assert.equal(decoded.refusal.message, `${path}[1].machine_ids[0] must not name a machine again, a is in ${path}[0].machine_ids[0]`);
    }
  });
});

function twice(machine: string, path: string): string {
  return `${path} must not name a machine again, ${machine} is in ${at}[0].machine_ids[0]`;
}

for (const [rpc, call, type] of [
  ["StartMaintenance", "start_maintenance", Call_StartMaintenance],
  ["StopMaintenance", "stop_maintenance", Call_StopMaintenance],
] as const) {
  describe(rpc, () => {
    const decodeMachines = (machines: MachineID[]) => decode(rpc, type.encode({ machines }).finish());

    it("takes machines", () => {
      const decoded = decodeMachines([{ hostname: "a" }, { hostname: "b", ip: "10.0.0.1" }]);
      assert.ok(decoded.ok);
      const machineIds = [
        { hostname: "a", ip: undefined },
        { hostname: "b", ip: "10.0.0.1" },
      ];
      assert.deepEqual(decoded.value, { kind: rpc === "StartMaintenance" ? "startMaintenance" : "stopMaintenance", machineIds });
    });

    const bad: readonly [name: string, machines: MachineID[], rule: string][] = [
      ["an empty list", [], " must not be empty"],
      ["a machine without a name", [{}], "[0] must have a hostname or an ip"],
      ["no address", [{ ip: "1.2.3" }], '[0].ip must be an IPv4 or IPv6 address, is "1.2.3"'],
      ["one twice", [{ hostname: "a" }, { hostname: "a" }], `[1] must not name a machine again, a is in ${call}.machines[0]`],
    ];
    for (const [name, machines, rule] of bad) {
      it(`refuses ${name}`, () => {
        assert.deepEqual(decodeMachines(machines), {
          ok: false,
          refusal: { code: "INVALID_ARGUMENT", message: `${call}.machines${rule}` },
        });
      });
    }
  });
}

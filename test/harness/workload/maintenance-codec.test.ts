import assert from "node:assert/strict";
import type { MachineJson, WindowJson } from "../../../harness/history/maintenance-json.ts";
import { decodeAnswer } from "../../../harness/workload/maintenance-codec.ts";
import { encodeOrder } from "../../../harness/workload/operator-codec.ts";
import { decodeEvent } from "../../../harness/workload/scheduler-codec.ts";
import {
  Call_StartMaintenance,
  Call_UpdateMaintenanceSchedule,
  Response_GetMaintenanceSchedule,
  Response_GetMaintenanceStatus,
} from "../../../protos/gen/mesos/v1/master/master.ts";
import { MachineInfo_Mode } from "../../../protos/gen/mesos/v1/mesos.ts";
import { Event, Event_Type } from "../../../protos/gen/mesos/v1/scheduler/scheduler.ts";
import { MaintenancePhase, MaintenanceProgress } from "../../../protos/gen/tepui/v1/maintenance.ts";

const startedWallMs = 1_767_225_600_000;
const machines: readonly MachineJson[] = [{ hostname: "a" }, { ip: "fd00::1" }, { hostname: "b", ip: "10.0.0.1" }];
const windows: readonly WindowJson[] = [
  { machines, unavailability: { startAtMs: 5_000, durationMs: 0 } },
  { machines: [{ hostname: "c" }], unavailability: { startAtMs: -60_000 } },
];

describe("the codec of maintenance", () => {
  it("sends windows in Unix time, and reads them back in the run's time", () => {
    const { rpc, bytes } = encodeOrder({ kind: "updateSchedule", windows }, startedWallMs);
    const { schedule } = Call_UpdateMaintenanceSchedule.decode(bytes);
    assert.equal(rpc, "UpdateMaintenanceSchedule");
    assert.equal(schedule?.windows[0]?.unavailability?.start?.nanoseconds, BigInt(startedWallMs + 5_000) * 1_000_000n);
    assert.equal(schedule?.windows[1]?.unavailability?.duration, undefined);
    const answer = decodeAnswer("getMaintenanceSchedule", Response_GetMaintenanceSchedule.encode({ schedule }).finish(), startedWallMs);
    assert.deepEqual(answer, { kind: "schedule", windows });
  });

  it("sends the machines of an order as they are named", () => {
    const { rpc, bytes } = encodeOrder({ kind: "startMaintenance", machines }, startedWallMs);
    assert.equal(rpc, "StartMaintenance");
    assert.deepEqual(
      Call_StartMaintenance.decode(bytes).machines.map(({ hostname, ip }) => [hostname, ip]),
      [
        ["a", undefined],
        [undefined, "fd00::1"],
        ["b", "10.0.0.1"],
      ],
    );
  });

  it("reads which machines drain with whose answers, and which are down", () => {
    const statuses = [
      { frameworkId: { value: "F1" }, status: 2, timestamp: undefined },
      { frameworkId: { value: "F2" }, status: 3, timestamp: undefined },
    ] as const;
    const status = { drainingMachines: [{ id: { hostname: "a" }, statuses: [...statuses] }], downMachines: [{ ip: "10.0.0.1" }] };
    assert.deepEqual(decodeAnswer("getMaintenanceStatus", Response_GetMaintenanceStatus.encode({ status }).finish(), startedWallMs), {
      kind: "status",
      draining: [
        {
          machine: { hostname: "a" },
          answers: [
            { frameworkId: "F1", accepts: true },
            { frameworkId: "F2", accepts: false },
          ],
        },
      ],
      down: [{ ip: "10.0.0.1" }],
    });
  });

  it("reads how far each machine is", () => {
    const framework = { frameworkId: { value: "F1" }, taskCount: 2, asked: true };
    const machine = {
      id: { hostname: "a" },
      mode: MachineInfo_Mode.DRAINING,
      phase: MaintenancePhase.MAINTENANCE_PHASE_EMPTYING,
      unavailability: { start: { nanoseconds: BigInt(startedWallMs) * 1_000_000n } },
      agents: [{ agentId: { value: "A1" }, frameworks: [framework] }],
    };
    const bytes = MaintenanceProgress.encode(MaintenanceProgress.fromPartial({ machines: [machine] })).finish();
    assert.deepEqual(decodeAnswer("getMaintenanceProgress", bytes, startedWallMs), {
      kind: "progress",
      machines: [
        {
          machine: { hostname: "a" },
          isDown: false,
          unavailability: { startAtMs: 0 },
          phase: "emptying",
          agents: [{ agentId: "A1", frameworks: [{ frameworkId: "F1", taskCount: 2, isAsked: true }] }],
        },
      ],
    });
  });

  it("reads inverse offers, and that one is taken back", () => {
    const unavailability = { start: { nanoseconds: BigInt(startedWallMs + 7_000) * 1_000_000n } };
    const inverseOffer = { id: { value: "I1" }, frameworkId: { value: "F1" }, agentId: { value: "A1" }, unavailability, resources: [] };
    const asked: Event = { type: Event_Type.INVERSE_OFFERS, inverseOffers: { inverseOffers: [inverseOffer] } };
    const taken: Event = { type: Event_Type.RESCIND_INVERSE_OFFER, rescindInverseOffer: { inverseOfferId: { value: "I1" } } };
    assert.deepEqual(decodeEvent(Event.encode(asked).finish(), startedWallMs), {
      kind: "inverseOffers",
      inverseOffers: [{ inverseOfferId: "I1", agentId: "A1", unavailability: { startAtMs: 7_000 } }],
    });
    assert.deepEqual(decodeEvent(Event.encode(taken).finish(), startedWallMs), { kind: "rescindInverseOffer", inverseOfferId: "I1" });
  });
});

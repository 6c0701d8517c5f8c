/** What schedulers and operators receive: valid messages of the contract, with what the core said in them. */

import assert from "node:assert/strict";
import { schema } from "../../../common/contract-schema.ts";
import { AgentId, ContainerId, ExecutorId, FrameworkId, InverseOfferId, OfferId, TaskId, Uuid } from "../../../common/ids.ts";
import { type Resource, toResources } from "../../../common/resources.ts";
import { taskStates } from "../../../common/task-state.ts";
import { checkMessage } from "../../../common/wire-check.ts";
import { Response_GetAgents } from "../../../protos/gen/mesos/v1/master/master.ts";
import { AgentInfo, TaskState } from "../../../protos/gen/mesos/v1/mesos.ts";
import { Event, Event_Type } from "../../../protos/gen/mesos/v1/scheduler/scheduler.ts";
import type { OfferDescription, SchedulerEvent } from "../../../server/core/event.ts";
import { encodeSchedulerEvent } from "../../../server/wire/encode.ts";
import { callLimits } from "../../../server/wire/limits.ts";
import { encodeOperatorResponse, toMasterInfo } from "../../../server/wire/operator.ts";

/** As a strict reader in another language does: refused if anything required is missing. */
function receive(event: SchedulerEvent): Event {
  const bytes = encodeSchedulerEvent(event);
  assert.equal(checkMessage(schema, "mesos.v1.scheduler.Event", bytes, callLimits), undefined);
  return Event.decode(bytes);
}

const cpus: Resource = { name: "cpus", value: { kind: "scalar", milli: 1_500 }, reservations: [], allocationRole: "web" };
const staticPorts: Resource = {
  name: "ports",
  value: { kind: "ranges", ranges: [{ begin: 0, end: 9 }] },
  reservations: [{ type: "STATIC", role: "web" }],
};
const refinedMem: Resource = {
  name: "mem",
  value: { kind: "scalar", milli: 32_000 },
  reservations: [
    { type: "STATIC", role: "web" },
    { type: "DYNAMIC", role: "web/api", principal: "p" },
  ],
};
const offer: OfferDescription = {
  offerId: OfferId("O1"),
  frameworkId: FrameworkId("F1"),
  agentId: AgentId("S1"),
  role: "web",
  resources: toResources([cpus, staticPorts, refinedMem]),
  agentInfo: AgentInfo.fromPartial({ hostname: "host", attributes: [{ name: "rack", type: 3, text: { value: "r1" } }] }),
  multiRole: false,
};
const receiveOffer = (fields: Partial<OfferDescription>) => {
  const received = receive({ kind: "offers", offers: [{ ...offer, ...fields }] }).offers?.offers[0];
  assert.ok(received !== undefined);
  return received;
};

describe("encodeSchedulerEvent()", () => {
  it("tells a new subscriber its id, the heartbeat and the master", () => {
    const master = { masterId: "M", hostname: "10.0.0.1", grpcPort: 6050, httpPort: 5050 };
    const event = receive({ kind: "subscribed", frameworkId: FrameworkId("F1"), heartbeatIntervalMs: 15_000, master });
    assert.equal(event.type, Event_Type.SUBSCRIBED);
    assert.deepEqual([event.subscribed?.frameworkId?.value, event.subscribed?.heartbeatIntervalSeconds], ["F1", 15]);
    assert.deepEqual([event.subscribed?.masterInfo?.id, event.subscribed?.masterInfo?.ip], ["M", 0x0100000a]);
  });
  it("offers resources without their role to a framework of one role", () => {
    const received = receiveOffer({});
    assert.equal(received.allocationInfo, undefined);
    assert.ok(received.resources.every((resource) => resource.allocationInfo === undefined));
    assert.deepEqual([received.hostname, received.attributes.length, received.resources[0]?.scalar?.value], ["host", 1, 1.5]);
  });
  it("offers resources with their role to a framework of several", () => {
    const received = receiveOffer({ multiRole: true });
    assert.equal(received.allocationInfo?.role, "web");
    assert.deepEqual(
      received.resources.map((resource) => resource.allocationInfo?.role),
      ["web", "web", "web"],
    );
  });
  it("writes a single reservation in the older form unless the framework knows refinement", () => {
    const byName = (name: string, refinement: boolean) =>
      receiveOffer({ reservationRefinement: refinement }).resources.find((resource) => resource.name === name);
    assert.deepEqual([byName("ports", false)?.role, byName("ports", false)?.reservations.length], ["web", 0]);
    assert.deepEqual([byName("ports", true)?.role, byName("ports", true)?.reservations[0]?.role], [undefined, "web"]);
    assert.deepEqual(
      byName("mem", false)?.reservations.map(({ type, role, principal }) => [type, role, principal]),
      [
        [1, "web", undefined],
        [2, "web/api", "p"],
      ],
    );
  });
  it("says when the machine of an offer is unavailable", () => {
    assert.equal(receiveOffer({}).unavailability, undefined);
    const { unavailability } = receiveOffer({ unavailability: { startNs: -5n, durationNs: 7n } });
    assert.deepEqual(unavailability, { start: { nanoseconds: -5n }, duration: { nanoseconds: 7n } });
  });
  it("sends inverse offers for everything on an agent, and takes them back", () => {
    const inverseOffer = {
      inverseOfferId: InverseOfferId("O7"),
      frameworkId: FrameworkId("F1"),
      agentId: AgentId("S1"),
      unavailability: { startNs: 5n, durationNs: undefined },
    };
    const [received] = receive({ kind: "inverseOffers", inverseOffers: [inverseOffer] }).inverseOffers?.inverseOffers ?? [];
    assert.deepEqual(
      [received?.id?.value, received?.frameworkId?.value, received?.agentId?.value, received?.resources, received?.unavailability],
      ["O7", "F1", "S1", [], { start: { nanoseconds: 5n }, duration: undefined }],
    );
    const { rescindInverseOffer } = receive({ kind: "rescindInverseOffer", inverseOfferId: InverseOfferId("O7") });
    assert.equal(rescindInverseOffer?.inverseOfferId?.value, "O7");
  });
  it("sends every state of a task", () => {
    for (const state of taskStates) {
      const status = { taskId: TaskId("t"), state, source: "SOURCE_MASTER", timestampMs: 1_500 } as const;
      const update = receive({ kind: "update", status }).update?.status;
      assert.deepEqual([update?.state, update?.timestamp, update?.uuid], [TaskState[state], 1.5, undefined]);
    }
  });
  it("sends all that is known of a task", () => {
    const event = receive({
      kind: "update",
      status: {
        taskId: TaskId("t"),
        agentId: AgentId("S1"),
        executorId: ExecutorId("e"),
        containerId: ContainerId("c"),
        state: "TASK_UNREACHABLE",
        source: "SOURCE_MASTER",
        reason: "REASON_AGENT_REMOVED",
        message: "gone",
        uuid: Uuid("000102030405060708090a0b0c0d0e0f"),
        timestampMs: 1_000,
        unreachableAtMs: 2_000,
      },
    });
    const status = event.update?.status;
    assert.equal(event.type, Event_Type.UPDATE);
    assert.deepEqual([status?.agentId?.value, status?.executorId?.value, status?.containerStatus?.containerId?.value], ["S1", "e", "c"]);
    assert.deepEqual([status?.source, status?.reason, status?.message, status?.uuid?.length], [0, 11, "gone", 16]);
    assert.equal(status?.unreachableTime?.nanoseconds, 2_000_000_000n);
  });
  it("passes an executor's update on as it came", () => {
    const status = { taskId: { value: "t" }, state: TaskState.TASK_RUNNING, data: Uint8Array.of(1, 2), healthy: false };
    const received = receive({ kind: "forwardUpdate", status }).update?.status;
    assert.deepEqual([received?.data?.length, received?.healthy, received?.source], [2, false, undefined]);
  });
  it("sends heartbeats, rescinds, failures and errors", () => {
    assert.equal(receive({ kind: "heartbeat" }).type, Event_Type.HEARTBEAT);
    assert.equal(receive({ kind: "rescind", offerId: OfferId("O1") }).rescind?.offerId?.value, "O1");
    const failure = receive({ kind: "failure", agentId: AgentId("S1"), executorId: undefined, status: undefined }).failure;
    assert.deepEqual([failure?.agentId?.value, failure?.executorId, failure?.status], ["S1", undefined, undefined]);
    const exited = receive({ kind: "failure", agentId: AgentId("S1"), executorId: ExecutorId("e"), status: 0 }).failure;
    assert.deepEqual([exited?.executorId?.value, exited?.status], ["e", 0]);
    assert.equal(receive({ kind: "error", message: "superseded" }).error?.message, "superseded");
  });
});

describe("operator answers", () => {
  it("are the nested response messages", () => {
    const agents = Response_GetAgents.fromPartial({ agents: [{ agentInfo: { hostname: "h" }, active: false, version: "" }] });
    const bytes = encodeOperatorResponse({
      kind: "getAgents",
      agents: { agents: agents.agents.map((agent) => () => agent), recoveredAgents: [] },
    });
    assert.equal(checkMessage(schema, "mesos.v1.master.Response.GetAgents", bytes, callLimits), undefined);
    assert.deepEqual(Response_GetAgents.decode(bytes), agents);
  });
  it("say where the master's HTTP API is, on IPv4, IPv6 and by name", () => {
    const infoOf = (hostname: string) => toMasterInfo({ masterId: "M", hostname, grpcPort: 6050, httpPort: 5050 });
    assert.deepEqual([infoOf("127.0.0.1").ip, infoOf("127.0.0.1").address?.ip], [16_777_343, "127.0.0.1"]);
    assert.deepEqual([infoOf("::1").pid, infoOf("::1").ip, infoOf("::1").address?.ip], ["master@[::1]:5050", 0, "::1"]);
    assert.deepEqual([infoOf("m1").pid, infoOf("m1").ip, infoOf("m1").address?.ip], ["master@m1:5050", 0, undefined]);
    assert.equal(infoOf("999.0.0.1").address?.ip, undefined);
  });
});

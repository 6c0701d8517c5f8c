/** Operations on their way between agent and master: what the one writes the other reads, and what is refused. */

import assert from "node:assert/strict";
import type { MasterToAgent as AgentHears, AgentToMaster as AgentSays } from "../../../agent/core/master-message.ts";
import { decodeMasterMessages } from "../../../agent/wire/decode.ts";
import { encodeAgentMessages } from "../../../agent/wire/encode.ts";
import { AgentId, FrameworkId, OperationId, Uuid } from "../../../common/ids.ts";
import type { OperationStatus } from "../../../common/operation-status.ts";
import type { Resource } from "../../../common/resource.ts";
import { describeResources, toResources } from "../../../common/resources.ts";
import { AgentInfo } from "../../../protos/gen/mesos/v1/mesos.ts";
import { decodeAgentMessages, encodeMasterMessages } from "../../../server/wire/agent-link.ts";

const credential = Uuid("c0".repeat(16));

const uuid = Uuid("0123456789abcdef0123456789abcdef");
const key = { uuid, frameworkId: FrameworkId("F"), operationId: OperationId("op") };
const reserved: Resource = { name: "cpus", value: { kind: "scalar", milli: 1_000 }, reservations: [{ type: "DYNAMIC", role: "web" }] };
const status: OperationStatus = {
  operationId: OperationId("op"),
  state: "OPERATION_FINISHED",
  message: "done",
  converted: toResources([reserved]),
  uuid,
  agentId: AgentId("A"),
};
const self = {
  info: AgentInfo.fromPartial({ hostname: "h", resources: [{ name: "cpus", type: 0, scalar: { value: 4 } }] }),
  version: "1",
  capabilities: [],
};

function said(message: AgentSays) {
  const decoded = decodeAgentMessages(encodeAgentMessages([message], self));
  return decoded.ok ? decoded.value[0] : decoded.refusal.message;
}

describe("operations on AgentLink", () => {
  it("come with a registration, as the agent's whole resources", () => {
    const holdings = { created: toResources([reserved]), resourceVersion: uuid, operations: [{ key, status }] };
    for (const message of [
      said({ kind: "register", credential, holdings }),
      said({ kind: "reregister", credential, agentId: AgentId("A"), frameworks: [], executors: [], tasks: [], holdings }),
    ]) {
      assert.ok(typeof message === "object" && (message.kind === "register" || message.kind === "reregister"));
      assert.equal(describeResources(message.holdings?.total ?? []), "cpus:3;cpus(reservations: [(DYNAMIC,web)]):1");
      assert.equal(message.holdings?.resourceVersion, uuid);
      assert.deepEqual(message.holdings?.operations, [{ key, status }]);
    }
  });

  it("are refused when the agent does not have what they made", () => {
    const holdings = { created: toResources([{ ...reserved, name: "gpus" }]), resourceVersion: uuid, operations: [] };
    assert.match(String(said({ kind: "register", credential, holdings })), /holdings.created must be in the agent's cpus:4/);
  });

  it("end with an update", () => {
    assert.deepEqual(said({ kind: "operationUpdate", key, status }), { kind: "operationUpdate", key, status });
  });

  it("have no framework when an operator ordered them", () => {
    const operators = { uuid, frameworkId: undefined, operationId: undefined };
    const ended = { ...status, operationId: undefined };
    assert.deepEqual(said({ kind: "operationUpdate", key: operators, status: ended }), {
      kind: "operationUpdate",
      key: operators,
      status: ended,
    });
    const operation = { kind: "reserve", source: [], resources: toResources([reserved]) } as const;
    const message = { kind: "applyOperation", key: operators, operation, resourceVersion: uuid } as const;
    const heard = decodeMasterMessages(encodeMasterMessages([message]));
    assert.ok(heard.ok);
    assert.deepEqual(heard.value, [message]);
  });

  it("reach the agent as the master sends them", () => {
    const operation = { kind: "reserve", source: [], resources: toResources([reserved]) } as const;
    const messages: AgentHears[] = [
      { kind: "applyOperation", key, operation, resourceVersion: uuid },
      { kind: "applyOperation", key: { ...key, operationId: undefined }, operation, resourceVersion: undefined },
      { kind: "acknowledgeOperation", uuid, statusUuid: Uuid("f".repeat(32)) },
      { kind: "reregistered", agentId: AgentId("A"), pingTimeoutMs: 5, reconcile: [], reconcileOperations: [key] },
    ];
    const decoded = decodeMasterMessages(encodeMasterMessages(messages as Parameters<typeof encodeMasterMessages>[0]));
    assert.deepEqual(decoded, { ok: true, value: messages });
  });
});

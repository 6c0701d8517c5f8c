/** Orders of the workload's operator, as the master reads them. */

import assert from "node:assert/strict";
import type { OrderJson, ResourceJson } from "../../../harness/history/event.ts";
import { encodeOrder } from "../../../harness/workload/operator-codec.ts";
import { operatorOrders } from "../../../server/wire/operator-orders.ts";

const disk: ResourceJson = { name: "disk", milli: 2_000, reservations: [{ role: "web", dynamic: true }] };
const volume: ResourceJson = { ...disk, volume: "v" };

function read(order: OrderJson) {
  const { rpc, bytes } = encodeOrder(order, 0);
  const decoded = operatorOrders[rpc]?.(bytes);
  assert.ok(decoded?.ok, `${rpc} is read`);
  return decoded.value;
}

function operationOf(operation: Extract<OrderJson, { kind: "changeResources" }>["operation"]) {
  const call = read({ kind: "changeResources", agentId: "A1", operation });
  assert.equal(call.kind === "changeResources" && call.agentId, "A1");
  return call.kind === "changeResources" ? call.operation : undefined;
}

describe("orders of the workload's operator", () => {
  it("name the framework to end, and the task to kill with its grace", () => {
    assert.deepEqual(read({ kind: "teardown", frameworkId: "F1" }), { kind: "teardown", frameworkId: "F1" });
    const kill = { kind: "killTask", frameworkId: "F1", taskId: "t1" } as const;
    assert.deepEqual(read(kill), { ...kill, graceMs: undefined });
    assert.deepEqual(read({ ...kill, graceMs: 1_500 }), { ...kill, graceMs: 1_500 });
  });

  it("reach the RPC of each change of resources", () => {
    for (const kind of ["reserve", "unreserve"] as const) assert.equal(operationOf({ kind, resources: [disk] })?.kind, kind);
    for (const kind of ["create", "destroy"] as const) assert.equal(operationOf({ kind, resources: [volume] })?.kind, kind);
    const grown = operationOf({ kind: "growVolume", resources: [volume], addition: { ...disk, milli: 500 } });
    assert.deepEqual(grown?.kind === "growVolume" && grown.addition.value, { kind: "scalar", milli: 500 });
    const shrunk = operationOf({ kind: "shrinkVolume", resources: [volume], subtractMilli: 700 });
    assert.equal(shrunk?.kind === "shrinkVolume" && shrunk.subtractMilli, 700);
  });
});

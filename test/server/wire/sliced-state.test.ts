/** Large answers in slices: the bytes are the message, of the instant at which it was asked for. */

import assert from "node:assert/strict";
import { schema } from "../../../common/contract-schema.ts";
import { AgentId, FrameworkId } from "../../../common/ids.ts";
import { checkMessage } from "../../../common/wire-check.ts";
import { Event, Response_GetState } from "../../../protos/gen/mesos/v1/master/master.ts";
import type { OperatorResponse } from "../../../server/core/operator/operator-call.ts";
import { recordLimits } from "../../../server/wire/limits.ts";
import { encodeOperatorResponse, encodeResponse } from "../../../server/wire/operator.ts";
import { encodeSubscribed, finish, type Slices } from "../../../server/wire/sliced-state.ts";
import { MasterDriver } from "../core/master-driver.ts";
import { toPlainResponse } from "../core/plain-response.ts";

interface Cluster {
  readonly driver: MasterDriver;
  readonly response: Extract<OperatorResponse, { kind: "getState" }>;
}

/** A cluster that has something in every list, and what it answers. */
function ask(): Cluster {
  const driver = new MasterDriver().lead();
  const agent = driver.register();
  driver.register();
  const scheduler = driver.subscribe({ partitionAware: true });
  driver.launch(scheduler, driver.takeOffer(scheduler));
  driver.update(agent, scheduler, "TASK_RUNNING");
  const ended = driver.subscribe();
  driver.call(ended, { kind: "teardown" });
  driver.advance(1_000);
  const callId = driver.order({ kind: "getState" });
  const reply = driver.effects.findLast((effect) => effect.kind === "operatorReply" && effect.callId === callId);
  assert.ok(reply?.kind === "operatorReply" && reply.response.kind === "getState");
  return { driver, response: reply.response };
}

const decode = (bytes: Uint8Array): Response_GetState => {
  assert.equal(checkMessage(schema, "mesos.v1.master.Response.GetState", bytes, recordLimits), undefined);
  return Response_GetState.decode(bytes);
};

function large(response: OperatorResponse): { readonly slices: Slices } {
  const encoded = encodeResponse(response);
  assert.ok("slices" in encoded);
  return encoded;
}

describe("an answer in slices", () => {
  it("keeps no small one waiting", () => {
    assert.deepEqual(encodeResponse({ kind: "done" }), { bytes: new Uint8Array() });
  });

  it("is the message that it would be at once", () => {
    const { response } = ask();
    const plain = toPlainResponse(response);
    assert.ok(plain.kind === "getState");
    const expected = Response_GetState.decode(Response_GetState.encode(plain.state).finish());
    assert.deepEqual(decode(encodeOperatorResponse(response)), expected);
    assert.ok((expected.getFrameworks?.frameworks[0]?.offers.length ?? 0) > 0, "an offer is in it");
    const event = Event.decode(finish(encodeSubscribed(response.state, 15_000)));
    assert.deepEqual([event.type, event.subscribed], [1, { getState: expected, heartbeatIntervalSeconds: 15 }]);
  });

  it("is of the instant at which it was asked for, whatever happens between its slices", () => {
    const { driver, response } = ask();
    const before = decode(encodeOperatorResponse(response));
    const { slices } = large(response);
    assert.equal(slices.next().done, false);
    for (const framework of before.getFrameworks?.frameworks ?? []) {
      const frameworkId = framework.frameworkInfo?.id?.value;
      assert.ok(frameworkId !== undefined);
      driver.order({ kind: "teardown", frameworkId: FrameworkId(frameworkId) });
    }
    for (const { agentInfo } of before.getAgents?.agents ?? []) {
      driver.order({ kind: "markAgentGone", agentId: AgentId(agentInfo?.id?.value ?? "") });
    }
    assert.deepEqual(driver.operator("getState").state.getTasks?.tasks, []);
    assert.deepEqual(decode(finish(slices)), before);
  });
});

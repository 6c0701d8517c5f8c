import assert from "node:assert/strict";
import { type OneOffWish, takeFrom, whyNoOffer } from "../../cli/one-off-offer.ts";
import { Response_GetAgents_Agent } from "../../protos/gen/mesos/v1/master/master.ts";
import { Offer, Value_Type } from "../../protos/gen/mesos/v1/mesos.ts";

const wish: OneOffWish = { cpus: 1, memMb: 128, agent: undefined, constraints: [] };
const scalar = (name: string, value: number, more = {}) => ({ name, type: Value_Type.SCALAR, scalar: { value }, ...more });
const rack = (value: string) => [{ name: "rack", type: Value_Type.TEXT, text: { value } }];

const offer = Offer.fromPartial({
  agentId: { value: "m-S0" },
  hostname: "host-a",
  attributes: rack("r1"),
  resources: [scalar("cpus", 0.7, { reservations: [{ role: "a" }] }), scalar("cpus", 2), scalar("mem", 512)],
});

describe("takeFrom()", () => {
  it("takes as much as is wanted, reserved pieces as they are", () => {
    const taken = takeFrom(offer, wish)?.map(({ name, scalar: value, reservations }) => [name, value?.value, reservations.length]);
    assert.deepEqual(taken, [
      ["cpus", 0.7, 1],
      ["cpus", 0.3, 0],
      ["mem", 128, 0],
    ]);
  });

  it("takes nothing of what is not enough, or may be taken back", () => {
    assert.equal(takeFrom(offer, { ...wish, cpus: 2.8 }), undefined);
    assert.equal(takeFrom(offer, { ...wish, memMb: 513 }), undefined);
    const revocable = Offer.fromPartial({ resources: [scalar("cpus", 4, { revocable: {} }), scalar("mem", 512)] });
    assert.equal(takeFrom(revocable, wish), undefined);
  });

  for (const agent of ["m-S0", "S0", "host-a"]) {
    it(`knows the agent as ${agent}`, () => assert.notEqual(takeFrom(offer, { ...wish, agent }), undefined));
  }

  it("takes nothing from elsewhere", () => {
    assert.equal(takeFrom(offer, { ...wish, agent: "S1" }), undefined);
    assert.notEqual(takeFrom(offer, { ...wish, constraints: [{ name: "rack", value: "r1" }] }), undefined);
    assert.equal(takeFrom(offer, { ...wish, constraints: [{ name: "rack", value: "r2" }] }), undefined);
  });
});

describe("whyNoOffer()", () => {
  type Fields = Parameters<typeof Response_GetAgents_Agent.fromPartial>[0];
  type Case = readonly [what: string, fields: Fields, more: Partial<OneOffWish>, reason: string];
  const cases: readonly Case[] = [
    ["too small", {}, { cpus: 8 }, "has 4 cpus in all, the task wants 8"],
    ["full", { allocatedResources: [scalar("mem", 1000)] }, {}, "has 24 mem free of 1024, the task wants 128"],
    ["not the one", {}, { agent: "host-b" }, "is not the agent host-b"],
    ["of another kind", {}, { constraints: [{ name: "rack", value: "r2" }] }, "has rack=r1, not r2"],
    ["of no kind", {}, { constraints: [{ name: "zone", value: "z" }] }, "has no attribute zone"],
    ["drained", { deactivated: true, drainInfo: {} }, {}, "is draining"],
    ["promised to others", {}, {}, "has enough, but offers it to other frameworks now, or to other roles only"],
  ];
  const agent = (fields: Fields): Response_GetAgents_Agent =>
    Response_GetAgents_Agent.fromPartial({
      agentInfo: { id: { value: "m-S0" }, hostname: "host-a", attributes: rack("r1") },
      active: true,
      totalResources: [scalar("cpus", 4), scalar("mem", 1024)],
      ...fields,
    });

  for (const [what, fields, more, reason] of cases) {
    it(`says of an agent that is ${what} that it ${reason}`, () => {
      assert.deepEqual(whyNoOffer([agent(fields)], { ...wish, ...more }), [`host-a: ${reason}`]);
    });
  }

  it("says that there is none", () => assert.deepEqual(whyNoOffer([], wish), ["no agent is registered"]));
});

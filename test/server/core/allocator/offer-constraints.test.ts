/** Offer constraints: the table of predicates against what an agent may have, and what an allocation makes of them. */

import assert from "node:assert/strict";
import { assertDefined } from "../../../../common/assert.ts";
import { parseTextPattern, type TextPattern } from "../../../../common/text-pattern.ts";
import { AgentInfo, Value_Type } from "../../../../protos/gen/mesos/v1/mesos.ts";
import {
  type AttributePredicate,
  type AttributeSelector,
  meetsConstraints,
  type RoleConstraints,
} from "../../../../server/core/allocator/offer-constraints.ts";
import { cpusAndMem, describeAgent, MasterDriver } from "../master-driver.ts";

function pattern(source: string): TextPattern {
  const parsed = parseTextPattern(source);
  assert.ok(parsed.ok);
  return parsed.value;
}

const text = (name: string, value: string) => ({ name, type: Value_Type.TEXT, text: { value } });
const agent = {
  ...describeAgent(cpusAndMem(1, 512), "host-1"),
  info: AgentInfo.fromPartial({
    hostname: "host-1",
    attributes: [text("rack", "r12"), text("rack", "second"), { name: "slots", type: Value_Type.SCALAR, scalar: { value: 3 } }],
    domain: { faultDomain: { region: { name: "north" }, zone: { name: "a" } } },
  }),
};

const attribute = (name: string): AttributeSelector => ({ kind: "attribute", name });
const yes: Readonly<Record<string, AttributePredicate>> = {
  exists: { kind: "exists" },
  "equals r12": { kind: "textEquals", text: "r12" },
  "matches r[0-9]+": { kind: "textMatches", pattern: pattern("r[0-9]+") },
};
const no: Readonly<Record<string, AttributePredicate>> = {
  "does not exist": { kind: "notExists" },
  "differs from r12": { kind: "textNotEquals", text: "r12" },
  "does not match r[0-9]+": { kind: "textNotMatches", pattern: pattern("r[0-9]+") },
};

function holds(selector: AttributeSelector, predicate: AttributePredicate): boolean {
  return meetsConstraints(agent, [[{ selector, predicate }]]);
}

describe("meetsConstraints()", () => {
  for (const [name, predicate] of Object.entries(yes)) {
    it(`${name}: yes for the text, no for what is missing`, () => {
      assert.deepEqual([holds(attribute("rack"), predicate), holds(attribute("none"), predicate)], [true, false]);
    });
  }
  for (const [name, predicate] of Object.entries(no)) {
    it(`${name}: no for the text, yes for what is missing`, () => {
      assert.deepEqual([holds(attribute("rack"), predicate), holds(attribute("none"), predicate)], [false, true]);
    });
  }

  it("lets every text predicate hold for what is not text", () => {
    for (const [name, predicate] of Object.entries({ ...yes, ...no })) {
      assert.equal(holds(attribute("slots"), predicate), predicate.kind !== "notExists", name);
    }
  });

  it("looks only at the first attribute with the name", () => {
    assert.equal(holds(attribute("rack"), { kind: "textEquals", text: "second" }), false);
  });

  it("matches the whole text only", () => {
    assert.equal(holds(attribute("rack"), { kind: "textMatches", pattern: pattern("r1") }), false);
  });

  it("knows hostname, region and zone", () => {
    assert.equal(holds({ kind: "hostname" }, { kind: "textEquals", text: "host-1" }), true);
    assert.equal(holds({ kind: "region" }, { kind: "textEquals", text: "north" }), true);
    assert.equal(holds({ kind: "zone" }, { kind: "textEquals", text: "a" }), true);
    const plain = describeAgent(cpusAndMem(1, 512), "host-2");
    assert.equal(meetsConstraints(plain, [[{ selector: { kind: "region" }, predicate: { kind: "exists" } }]]), false);
  });

  it("needs one group, and all of that group", () => {
    const good = { selector: attribute("rack"), predicate: assertDefined(yes["exists"], "predicate") };
    const bad = { selector: attribute("none"), predicate: assertDefined(yes["exists"], "predicate") };
    assert.equal(meetsConstraints(agent, [[good, bad]]), false);
    assert.equal(meetsConstraints(agent, [[bad], [good]]), true);
    assert.equal(meetsConstraints(agent, undefined), true);
  });
});

describe("allocator: offer constraints", () => {
  const onlyFirst: RoleConstraints = [[{ selector: { kind: "hostname" }, predicate: { kind: "textEquals", text: "first" } }]];

  it("keep agents from the constrained role and from no other", () => {
    const driver = new MasterDriver().lead();
    const streamId = driver.openStream({ framework: { roles: ["a"] }, offerConstraints: new Map([["a", onlyFirst]]) });
    driver.register(undefined, "first");
    driver.register(undefined, "second");
    const offered = driver.takeEvents(streamId, "offers").flatMap(({ offers }) => offers.map((offer) => offer.agentInfo.hostname));
    assert.deepEqual(offered, ["first"]);
    const other = driver.subscribe({ roles: ["b"] });
    assert.equal(driver.takeOffer(other).agentInfo.hostname, "second");
  });
});

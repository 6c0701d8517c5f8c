/** An agent that is started with other flags: what may change under the same id, and what becomes of an agent that may not go on. */

import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { type AgentConfiguration, forbiddenChange } from "../../../agent/core/configuration.ts";
import { type Attribute, parseAttributes } from "../../../common/attributes.ts";
import { parseResources } from "../../../common/resources-text.ts";
import { AgentDriver, agentId, given, task } from "./agent-driver.ts";

function resources(text: string) {
  const parsed = parseResources(text);
  assert.ok(parsed.ok);
  return { resources: parsed.value };
}

function attributes(text: string) {
  const parsed = parseAttributes(text);
  assert.ok(parsed.ok);
  return { attributes: parsed.value };
}

type Fields = Partial<AgentConfiguration>;

const changes: readonly { name: string; before: Fields; now: Fields; grows: boolean; says: readonly [string, string, string] }[] = [
  { name: "the hostname", before: {}, now: { hostname: "other" }, grows: false, says: ["hostname", "host", "other"] },
  { name: "the port", before: {}, now: { port: 7_000 }, grows: false, says: ["port", "6051", "7000"] },
  { name: "a port to any", before: {}, now: { port: undefined }, grows: false, says: ["port", "6051", "any"] },
  { name: "a new domain", before: {}, now: { domain: { region: "r", zone: "z" } }, grows: true, says: ["domain", "none", "r/z"] },
  {
    name: "another domain",
    before: { domain: { region: "r", zone: "a" } },
    now: { domain: { region: "r", zone: "z" } },
    grows: false,
    says: ["domain", "r/a", "r/z"],
  },
  { name: "more cpus", before: resources("cpus:4"), now: resources("cpus:8"), grows: true, says: ["resources", "cpus:4", "cpus:8"] },
  { name: "fewer cpus", before: resources("cpus:4"), now: resources("cpus:2"), grows: false, says: ["resources", "cpus:4", "cpus:2"] },
  {
    name: "one more name",
    before: resources("cpus:4"),
    now: resources("cpus:4;gpus:1"),
    grows: true,
    says: ["resources", "cpus:4", "cpus:4;gpus:1"],
  },
  {
    name: "a resource that is not named any more",
    before: resources("cpus:4"),
    now: {},
    grows: false,
    says: ["resources", "cpus:4", "none"],
  },
  {
    name: "cpus that go from one role to another",
    before: resources("cpus(a):4"),
    now: resources("cpus(b):8"),
    grows: false,
    says: ["resources", "cpus(a):4", "cpus(b):8"],
  },
  {
    name: "more ports",
    before: resources("ports:[1-3]"),
    now: resources("ports:[1-9]"),
    grows: true,
    says: ["resources", "ports:[1-3]", "ports:[1-9]"],
  },
  { name: "a new attribute", before: attributes("a:x"), now: attributes("a:x;b:y"), grows: true, says: ["attributes", "a:x", "a:x;b:y"] },
  { name: "another text", before: attributes("a:x"), now: attributes("a:z"), grows: false, says: ["attributes", "a:x", "a:z"] },
  { name: "a larger set", before: attributes("a:{x}"), now: attributes("a:{x,y}"), grows: true, says: ["attributes", "a:{x}", "a:{x,y}"] },
  { name: "a smaller number", before: attributes("a:3"), now: attributes("a:2"), grows: false, says: ["attributes", "a:3", "a:2"] },
  { name: "a number for a text", before: attributes("a:x"), now: attributes("a:2"), grows: false, says: ["attributes", "a:x", "a:2"] },
];

describe("a changed configuration of an agent", () => {
  for (const { name, before, now, grows, says } of changes) {
    it(`${name}: never equal, ${grows ? "" : "nor "}additive`, () => {
      const [from, to] = [
        { ...given, ...before },
        { ...given, ...now },
      ];
      const change = { name: says[0], before: says[1], now: says[2] };
      assert.deepEqual(forbiddenChange(from, to, "equal"), change);
      assert.deepEqual(forbiddenChange(from, to, "additive"), grows ? undefined : change);
      assert.equal(forbiddenChange(from, from, "equal"), undefined);
    });
  }

  it("the order in which attributes are written does not count", () => {
    const reversed: readonly Attribute[] = [...attributes("a:x;b:y").attributes].reverse();
    assert.equal(forbiddenChange({ ...given, ...attributes("a:x;b:y") }, { ...given, attributes: reversed }, "equal"), undefined);
  });

  it("G2: ends an agent that was started with other flags, with what changed and what to do, and leaves its tasks alone", () => {
    const driver = AgentDriver.running(resources("cpus:4"));
    const containerId = driver.runUntilRunning(task("t1"));
    const effects = driver.restart([{ containerId, state: "running" }], { given: { ...given, hostname: "other" } });
    assert.deepEqual(
      effects.map(({ kind }) => kind),
      ["exit"],
    );
    const exit = driver.of("exit")[0];
    assert.equal(exit?.code, 1);
    assert.match(exit?.reason ?? "", /^--hostname must stay "host".*, is "other".*additive.*SIGUSR1/);
    driver.restart([{ containerId, state: "running" }], { given });
    driver.connect();
    assert.equal(driver.sent("reregister")[0]?.tasks.length, 1);
  });

  it("G2: under the additive policy goes on with more, and the next start is held against that", () => {
    const driver = AgentDriver.running();
    const [more, less] = [
      { ...given, ...resources("cpus:8") },
      { ...given, ...resources("cpus:4") },
    ];
    driver.restart([], { given: more, reconfigurationPolicy: "additive" });
    driver.settle();
    driver.connect();
    assert.equal(driver.sent("reregister")[0]?.agentId, agentId);
    driver.restart([], { given: less, reconfigurationPolicy: "additive" });
    assert.match(driver.of("exit")[0]?.reason ?? "", /--resources must stay "cpus:8".*, is "cpus:4"/);
  });

  it("H12: after a restart of the machine keeps the id with the same flags", () => {
    const driver = AgentDriver.running();
    driver.restart([], { bootId: "boot 2" });
    driver.settle();
    driver.connect();
    assert.equal(driver.sent("reregister")[0]?.agentId, agentId);
    // From now on this is the boot that counts.
    driver.restart([], { bootId: "boot 2", given: { ...given, hostname: "other" } });
    assert.equal(driver.of("exit")[0]?.code, 1);
  });

  it("H12: after a restart of the machine gets a new id with other flags, and the masters hear that the old one is gone", () => {
    const driver = AgentDriver.running();
    driver.runUntilRunning(task("t1"));
    driver.restart([], { bootId: "boot 2", given: { ...given, hostname: "other" } });
    driver.settle();
    driver.connect();
    assert.deepEqual(driver.sent("unregister")[0]?.agentId, agentId);
    assert.equal(driver.sent("register").length, 1);
    assert.deepEqual(
      [...driver.disk.keys()].filter((key) => key.startsWith("task")),
      [],
    );
  });

  it("may change when the agent leaves anyway", () => {
    const driver = AgentDriver.running();
    driver.restart([], { given: { ...given, hostname: "other" } }, ["drainNow"]);
    assert.deepEqual(driver.of("exit"), []);
    assert.equal(driver.of("killAllContainers").length, 1);
  });
});

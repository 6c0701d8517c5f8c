/** The life of an offer: each way in which it goes back, what does not take it back, and what filters leave of it. */

import assert from "node:assert/strict";
import { AgentInfo, FrameworkInfo, Value_Type } from "../../../protos/gen/mesos/v1/mesos.ts";
import type { FrameworkDescription, FrameworkSettings, UpdateFrameworkCall } from "../../../server/core/calls/call.ts";
import { cpusAndMem, describeAgent, describeFramework, MasterDriver } from "./master-driver.ts";

const hourMs = 3_600_000;

function start() {
  const driver = new MasterDriver({ offerTimeoutMs: hourMs }).lead();
  const agent = driver.register();
  const scheduler = driver.subscribe({ roles: ["a", "b"] });
  const offer = driver.takeOffer(scheduler);
  const rescinded = () => driver.takeEvents(scheduler, "rescind").map(({ offerId }) => offerId);
  const update = (framework: Partial<FrameworkDescription>, rest: Partial<FrameworkSettings> = {}): void => {
    const call: UpdateFrameworkCall = {
      kind: "updateFramework",
      framework: describeFramework({ roles: ["a", "b"], ...framework }),
      suppressedRoles: [],
      offerConstraints: new Map(),
      ...rest,
    };
    assert.equal(driver.call(scheduler, call), undefined);
  };
  return { driver, agent, scheduler, offer, rescinded, update };
}

type Started = ReturnType<typeof start>;

const nowhere = [[{ selector: { kind: "hostname" }, predicate: { kind: "notExists" } }]] as const;

describe("RESCIND is sent when", () => {
  const rows: Readonly<Record<string, (started: Started) => void>> = {
    "the agent disconnects": ({ driver, agent }) => driver.closeLink(agent),
    "the agent unregisters": ({ driver, agent }) => driver.say(agent.linkId, { kind: "unregister", agentId: agent.agentId, alive: [] }),
    "the agent does not answer pings": ({ driver }) => driver.advance(90_000),
    "the agent registers again": ({ driver, agent }) => driver.reregister(agent.agentId),
    "the framework leaves the role": ({ update, offer }) => update({ roles: [offer.role === "a" ? "b" : "a"] }),
    "the offer timeout is over": ({ driver, agent }) => driver.advanceAlive(hourMs, [agent]),
  };
  for (const [row, happen] of Object.entries(rows)) {
    it(row, () => {
      const started = start();
      happen(started);
      assert.deepEqual(started.rescinded(), [started.offer.offerId]);
    });
  }
});

describe("no RESCIND is sent when", () => {
  const rows: Readonly<Record<string, (started: Started) => void>> = {
    "the role is suppressed by SUPPRESS": ({ driver, scheduler }) => driver.call(scheduler, { kind: "suppress", roles: [] }),
    "the role is suppressed by UPDATE_FRAMEWORK": ({ update }) => update({}, { suppressedRoles: ["a", "b"] }),
    "offer constraints change": ({ update }) =>
      update(
        {},
        {
          offerConstraints: new Map([
            ["a", nowhere],
            ["b", nowhere],
          ]),
        },
      ),
    "capabilities change": ({ update }) =>
      update({
        info: FrameworkInfo.fromPartial({ name: "framework", user: "user", checkpoint: true, capabilities: [{ type: 5 }] }),
        partitionAware: true,
      }),
    "the framework leaves another role": ({ update, offer }) => update({ roles: [offer.role] }),
  };
  for (const [row, happen] of Object.entries(rows)) {
    it(row, () => {
      const started = start();
      happen(started);
      assert.deepEqual(started.rescinded(), []);
      assert.equal(started.driver.launch(started.scheduler, started.offer), undefined);
      assert.equal(started.driver.takeMessages(started.agent, "runTask").length, 1);
    });
  }
});

describe("a filter", () => {
  /** The agent was refused for an hour in the one role of the framework. */
  function refused() {
    const driver = new MasterDriver().lead();
    const agent = driver.register();
    const scheduler = driver.subscribe();
    driver.call(scheduler, { kind: "decline", offerIds: [driver.takeOffer(scheduler).offerId], refuseMs: hourMs });
    driver.advanceAlive(2_000, [agent]);
    assert.equal(driver.takeOffers(scheduler).length, 0);
    return { driver, agent, scheduler };
  }

  function comeBack({ driver, agent }: ReturnType<typeof refused>, rack?: string): void {
    const attributes = rack === undefined ? [] : [{ name: "rack", type: Value_Type.TEXT, text: { value: rack } }];
    const described = describeAgent(cpusAndMem(4, 4_096), "host");
    driver.reregister(agent.agentId, {
      agent: { ...described, info: AgentInfo.fromPartial({ hostname: "host", attributes }) },
    });
    driver.advance(1_000);
  }

  it("outlasts a reregistration of the agent", () => {
    const started = refused();
    comeBack(started);
    assert.equal(started.driver.takeOffers(started.scheduler).length, 0);
  });

  it("ends when the attributes of the agent change", () => {
    const started = refused();
    comeBack(started, "r1");
    assert.equal(started.driver.takeOffers(started.scheduler).length, 1);
  });

  it("ends with the subscription", () => {
    const { driver, scheduler } = refused();
    driver.closeStream(scheduler);
    assert.equal(driver.takeOffers(driver.subscribe({}, scheduler.frameworkId)).length, 1);
  });

  it("of 0 s is none", () => {
    const driver = new MasterDriver().lead();
    driver.register();
    const scheduler = driver.subscribe();
    driver.call(scheduler, { kind: "decline", offerIds: [driver.takeOffer(scheduler).offerId], refuseMs: 0 });
    driver.advance(1_000);
    assert.equal(driver.takeOffers(scheduler).length, 1);
  });
});

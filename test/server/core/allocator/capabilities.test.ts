/** What capabilities and offer filters change in what is offered. */

import assert from "node:assert/strict";
import { type Resource, toResources } from "../../../../common/resources.ts";
import { AgentInfo, FrameworkInfo } from "../../../../protos/gen/mesos/v1/mesos.ts";
import type { OfferMinimum } from "../../../../server/core/allocator/offer-minimum.ts";
import { cpusAndMem, describeAgent, MasterDriver, type Scheduler } from "../master-driver.ts";

const gpuResources = 3;
const reservationRefinement = 7;
const regionAware = 8;

function withCapability(type: 3 | 7 | 8) {
  return { info: FrameworkInfo.fromPartial({ name: "framework", user: "user", capabilities: [{ type }] }) };
}

function subscribeBoth(driver: MasterDriver, type: 3 | 7 | 8, roles: readonly string[] = ["*"]): { plain: Scheduler; able: Scheduler } {
  const plain = driver.subscribe({ roles });
  const able = driver.subscribe({ roles, ...withCapability(type) });
  return { plain, able };
}

function registerIn(driver: MasterDriver, region: string | undefined): void {
  const domain = region === undefined ? undefined : { faultDomain: { region: { name: region }, zone: { name: "z" } } };
  const described = describeAgent(cpusAndMem(1, 512), "host");
  const linkId = driver.openLink();
  driver.say(linkId, { kind: "register", agent: { ...described, info: AgentInfo.fromPartial({ hostname: "host", domain }) } });
}

describe("allocator: REGION_AWARE", () => {
  function inNorth(): MasterDriver {
    const address = { masterId: "M", hostname: "master", grpcPort: 1, httpPort: 2, domain: { region: "north", zone: "a" } };
    return new MasterDriver({ address }).lead();
  }

  it("frameworks without it are not offered agents of other regions", () => {
    const driver = inNorth();
    const { plain, able } = subscribeBoth(driver, regionAware);
    registerIn(driver, "south");
    registerIn(driver, "south");
    assert.equal(driver.takeOffers(plain).length, 0);
    assert.equal(driver.takeOffers(able).length, 2);
  });

  it("changes nothing where the agent or the master has no region, or the same", () => {
    const withRegion = inNorth();
    const near = withRegion.subscribe();
    registerIn(withRegion, undefined);
    registerIn(withRegion, "north");
    assert.equal(withRegion.takeOffers(near).length, 2);
    const without = new MasterDriver().lead();
    const anywhere = without.subscribe();
    registerIn(without, "south");
    assert.equal(without.takeOffers(anywhere).length, 1);
  });
});

describe("allocator: GPU_RESOURCES", () => {
  const gpus: Resource = { name: "gpus", value: { kind: "scalar", milli: 1_000 }, reservations: [] };

  it("matters no more when gpus are not filtered", () => {
    const driver = new MasterDriver({ filterGpuResources: false }).lead();
    const { plain } = subscribeBoth(driver, gpuResources);
    driver.register(toResources([gpus, ...cpusAndMem(1, 1_024)]), "gpu");
    assert.equal(driver.takeOffers(plain).length, 1);
  });
});

describe("allocator: RESERVATION_REFINEMENT", () => {
  it("frameworks without it are not offered reservations upon reservations", () => {
    const driver = new MasterDriver().lead();
    const { plain, able } = subscribeBoth(driver, reservationRefinement, ["a/b"]);
    const refined: Resource = {
      name: "cpus",
      value: { kind: "scalar", milli: 2_000 },
      reservations: [
        { type: "STATIC", role: "a", principal: undefined },
        { type: "DYNAMIC", role: "a/b", principal: undefined },
      ],
    };
    driver.register(toResources([refined, ...cpusAndMem(1, 512)]));
    const seen = (scheduler: Scheduler) =>
      driver.takeOffers(scheduler).flatMap(({ resources }) => resources.map(({ reservations }) => reservations.length));
    assert.deepEqual(seen(plain), [0, 0]);
    assert.deepEqual(seen(able), [2]);
  });
});

describe("allocator: offer filters of a framework", () => {
  const quantities = (cpusMilli: number, memMilli: number) =>
    new Map([
      ["cpus", cpusMilli],
      ["mem", memMilli],
    ]);

  function isOffered(minimum: OfferMinimum | undefined, cpus: number, memMb: number, role = "*"): boolean {
    const driver = new MasterDriver().lead();
    const scheduler = driver.subscribe({ offerMinimums: minimum === undefined ? new Map() : new Map([[role, minimum]]) });
    driver.register(cpusAndMem(cpus, memMb));
    return driver.takeOffers(scheduler).length > 0;
  }

  it("need all quantities of one entry", () => {
    const minimum = [quantities(2_000, 1_024_000), new Map([["mem", 4_096_000]])];
    assert.equal(isOffered(minimum, 2, 1_024), true);
    assert.equal(isOffered(minimum, 2, 1_023), false);
    assert.equal(isOffered(minimum, 1, 4_096), true);
  });

  it("may want less than the master's own rule, and nothing at all with an empty list", () => {
    assert.equal(isOffered(undefined, 0, 16), false);
    assert.equal(isOffered([new Map([["mem", 16_000]])], 0, 16), true);
    assert.equal(isOffered([], 0, 1), true);
  });

  it("hold for their role only", () => {
    assert.equal(isOffered([quantities(64_000, 0)], 1, 512, "other"), true);
  });
});

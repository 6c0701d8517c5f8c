/** Who is offered what under quotas: limits, guarantees, and what must stay free for those who are guaranteed it. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { type Resource, type Resources, scalarMilli, toResources } from "../../../../common/resources.ts";
import { topRole } from "../../../../common/roles.ts";
import type { OfferDescription } from "../../../../server/core/event.ts";
import { cpusAndMem, MasterDriver, type Scheduler } from "../master-driver.ts";
import { type QuotaAmounts, setQuotas } from "../roles/quotas.ts";

/** cpus and GB that each scheduler is offered. */
function offered(driver: MasterDriver, schedulers: readonly Scheduler[]): readonly (readonly [number, number])[] {
  return schedulers.map((scheduler) => sumOf(driver.takeOffers(scheduler)));
}

function sumOf(offers: readonly OfferDescription[]): readonly [number, number] {
  const sum = (name: string): number => offers.reduce((total, { resources }) => total + scalarMilli(resources, name) / 1_000, 0);
  return [sum("cpus"), sum("mem") / 1_024];
}

const gb = 1_024;
const reserved = (resources: Resources, role: string): readonly Resource[] =>
  resources.map((resource) => ({ ...resource, reservations: [{ type: "STATIC", role }] }));

describe("a limit", () => {
  it("cuts offers, and leaves the rest to others", () => {
    const driver = new MasterDriver().lead();
    const schedulers = [driver.subscribe({ roles: ["a"] }), driver.subscribe({ roles: ["b"] })];
    setQuotas(driver, { a: { limits: { cpus: 1, mem: 2 * gb } } });
    driver.register(cpusAndMem(4, 4 * gb));
    assert.deepEqual(offered(driver, schedulers), [
      [1, 2],
      [3, 2],
    ]);
  });

  it("is that of the role with all roles below it, over all agents", () => {
    const driver = new MasterDriver().lead();
    const schedulers = ["a", "a/x", "a/y"].map((role) => driver.subscribe({ roles: [role], multiRole: true }));
    setQuotas(driver, { a: { limits: { cpus: 5 } } });
    for (const hostname of ["1", "2", "3"]) driver.register(cpusAndMem(2, gb), hostname);
    const cpus = offered(driver, schedulers).reduce((sum, [own]) => sum + own, 0);
    assert.equal(cpus, 5);
  });

  it("counts what is reserved, used or not, and never keeps it from its role", () => {
    const driver = new MasterDriver().lead();
    const scheduler = driver.subscribe({ roles: ["a"] });
    setQuotas(driver, { a: { limits: { cpus: 3 } } }, true);
    driver.register(toResources([...reserved(cpusAndMem(2, 0), "a/x"), ...cpusAndMem(4, 0)]));
    assert.deepEqual(offered(driver, [scheduler]), [[1, 0]]);
    driver.register(toResources([...reserved(cpusAndMem(4, 0), "a"), ...cpusAndMem(4, 0)]), "other");
    assert.equal(driver.takeEvents(scheduler, "rescind").length, 1);
    assert.deepEqual(offered(driver, [scheduler]), [[4, 0]]);
  });

  it("of nothing keeps a name away, not the others", () => {
    const driver = new MasterDriver().lead();
    const scheduler = driver.subscribe({ roles: ["a"] });
    setQuotas(driver, { a: { limits: { cpus: 0 } } });
    driver.register(cpusAndMem(4, 4 * gb));
    assert.deepEqual(offered(driver, [scheduler]), [[0, 4]]);
  });

  it("gives a disk as a whole or not at all", () => {
    const driver = new MasterDriver().lead();
    const scheduler = driver.subscribe({ roles: ["a"] });
    setQuotas(driver, { a: { limits: { disk: 250 } } });
    const disk = (root: string): Resource => ({
      name: "disk",
      value: { kind: "scalar", milli: 100_000 },
      reservations: [],
      disk: { source: { type: "MOUNT", root } },
    });
    driver.register(toResources([disk("/1"), disk("/2"), disk("/3"), ...cpusAndMem(1, gb)]));
    assert.deepEqual(
      driver
        .takeOffer(scheduler)
        .resources.filter(({ name }) => name === "disk")
        .map(({ value }) => value),
      [
        { kind: "scalar", milli: 100_000 },
        { kind: "scalar", milli: 100_000 },
      ],
    );
  });

  it("makes no offer that is not worth one", () => {
    const driver = new MasterDriver().lead();
    const scheduler = driver.subscribe({ roles: ["a"] });
    setQuotas(driver, { a: { limits: { cpus: 0.005, mem: 16 } } });
    driver.register(cpusAndMem(4, 4 * gb));
    assert.equal(driver.takeOffers(scheduler).length, 0);
  });

  it("ends with the use: what a task gives back can be offered again", () => {
    const driver = new MasterDriver().lead();
    const scheduler = driver.subscribe({ roles: ["a"] });
    setQuotas(driver, { a: { limits: { cpus: 1, mem: gb } } });
    const agent = driver.register(cpusAndMem(4, 4 * gb));
    driver.launch(scheduler, driver.takeOffer(scheduler), { resources: cpusAndMem(1, gb) });
    driver.advanceAlive(3_000, [agent]);
    assert.equal(driver.takeOffers(scheduler).length, 0);
    driver.update(agent, scheduler, "TASK_FINISHED");
    driver.advanceAlive(1_000, [agent]);
    assert.deepEqual(offered(driver, [scheduler]), [[1, 1]]);
  });
});

describe("a guarantee", () => {
  it("is met before anybody else is served, whatever the shares say", () => {
    const driver = new MasterDriver().lead();
    const schedulers = [driver.subscribe({ roles: ["a"] }), driver.subscribe({ roles: ["z"] })];
    setQuotas(driver, { z: { guarantees: { cpus: 3, mem: 3 * gb }, limits: { cpus: 3, mem: 3 * gb } } }, true);
    driver.register(cpusAndMem(4, 4 * gb));
    assert.deepEqual(offered(driver, schedulers), [
      [1, 1],
      [3, 3],
    ]);
  });

  it("keeps as much free as the role lacks when nobody of it is there", () => {
    const driver = new MasterDriver().lead();
    const scheduler = driver.subscribe({ roles: ["a"] });
    setQuotas(driver, { z: { guarantees: { cpus: 3 } } }, true);
    const agents = ["1", "2"].map((hostname) => driver.register(cpusAndMem(2, gb), hostname));
    driver.advanceAlive(1_000, agents);
    assert.deepEqual(offered(driver, [scheduler]), [[1, 2]]);
    const late = driver.subscribe({ roles: ["z/x"], multiRole: true });
    assert.deepEqual(offered(driver, [scheduler, late]), [
      [0, 0],
      [3, 0],
    ]);
  });

  it("is not met by agents that are out of service", () => {
    const driver = new MasterDriver().lead();
    const out = driver.register(cpusAndMem(4, gb), "out");
    driver.order({ kind: "deactivateAgent", agentId: out.agentId });
    setQuotas(driver, { z: { guarantees: { cpus: 2 } } });
    const scheduler = driver.subscribe({ roles: ["a"] });
    driver.register(cpusAndMem(3, gb), "in");
    assert.deepEqual(offered(driver, [scheduler]), [[1, 1]]);
  });

  it("holds back nothing of other names, of reservations, and of what is met", () => {
    const driver = new MasterDriver().lead();
    const schedulers = [driver.subscribe({ roles: ["a"] }), driver.subscribe({ roles: ["z"] })];
    setQuotas(driver, { z: { guarantees: { gpus: 1 } } }, true);
    driver.register(toResources([...reserved(cpusAndMem(2, gb), "a"), ...cpusAndMem(1, gb)]));
    const [first, second] = offered(driver, schedulers);
    assert.deepEqual([(first?.[0] ?? 0) + (second?.[0] ?? 0), first?.[0] === 0], [3, false]);
  });
});

describe("a role that has reached its limit", () => {
  it("is still offered what is reserved for it, and what is below the usual minimum to those who ask for it", () => {
    const driver = new MasterDriver().lead();
    setQuotas(driver, { a: { limits: { cpus: 0, mem: 0 } } }, true);
    const usual = driver.subscribe({ roles: ["a"] });
    const modest = driver.subscribe({ roles: ["a/x"], multiRole: true, offerMinimums: new Map([["a/x", []]]) });
    const agents = [driver.register(cpusAndMem(1, gb), "plain"), driver.register(cpusAndMem(1, gb), "other")];
    const ports: Resource = { name: "ports", value: { kind: "ranges", ranges: [{ begin: 1, end: 2 }] }, reservations: [] };
    agents.push(driver.register(toResources([...cpusAndMem(1, gb), ...reserved(cpusAndMem(2, gb), "a"), ports]), "special"));
    driver.advanceAlive(2_000, agents);
    const resources = [usual, modest].flatMap((scheduler) => driver.takeOffers(scheduler)).flatMap((offer) => offer.resources);
    const unreserved = resources.filter(({ reservations }) => reservations.length === 0);
    assert.deepEqual([scalarMilli(resources, "cpus"), scalarMilli(unreserved, "cpus")], [2_000, 0]);
    assert.ok(resources.some(({ name }) => name === "ports"));
  });
});

interface Cluster {
  readonly agents: readonly (readonly [cpus: number, gbs: number])[];
  readonly roles: readonly string[];
  readonly quotas: Readonly<Record<string, QuotaAmounts>>;
}

const amounts = fc.record({ cpus: fc.nat(6), mem: fc.nat(6).map((gbs) => gbs * gb) }, { requiredKeys: [] });
const quota = fc.tuple(amounts, amounts).map(
  ([guarantees, more]): QuotaAmounts => ({
    guarantees,
    limits: Object.fromEntries(
      Object.entries(more).map(([name, amount]) => [name, Math.max(amount, guarantees[name as keyof typeof guarantees] ?? 0)]),
    ),
  }),
);
const cluster: fc.Arbitrary<Cluster> = fc.record({
  agents: fc.array(fc.tuple(fc.nat(8), fc.nat(8)), { maxLength: 6 }),
  roles: fc.array(fc.constantFrom("a", "a/x", "b", "b/y/z", "c", "*"), { maxLength: 6 }),
  quotas: fc.dictionary(fc.constantFrom("a", "b", "c", "*"), quota),
});

const names = ["cpus", "mem"] as const;

/** What is offered to a top-level role. */
function offeredTo(offers: readonly OfferDescription[], role: string, name: string): number {
  return offers.filter((offer) => topRole(offer.role) === role).reduce((sum, { resources }) => sum + scalarMilli(resources, name), 0);
}

describe("an allocation under quotas", () => {
  function allocated({ agents, roles, quotas }: Cluster, order: "agentsFirst" | "rolesFirst") {
    const driver = new MasterDriver().lead();
    setQuotas(driver, quotas, true);
    const register = () => agents.map(([cpus, gbs], index) => driver.register(cpusAndMem(cpus, gbs * gb), `h${index}`));
    const early = order === "agentsFirst" ? register() : [];
    const schedulers = roles.map((role) => driver.subscribe({ roles: [role], multiRole: true }));
    const registered = order === "agentsFirst" ? early : register();
    driver.advanceAlive(2_000, registered);
    return schedulers.flatMap((scheduler) => {
      const rescinded = new Set(driver.takeEvents(scheduler, "rescind").map(({ offerId }) => offerId));
      return driver.takeOffers(scheduler).filter(({ offerId }) => !rescinded.has(offerId));
    });
  }

  const orders = fc.constantFrom("agentsFirst" as const, "rolesFirst" as const);

  it("gives no role more than its limit, and nothing twice", () => {
    fc.assert(
      fc.property(cluster, orders, (one, order) => {
        const offers = allocated(one, order);
        for (const [role, { limits = {} }] of Object.entries(one.quotas)) {
          for (const [name, limit] of Object.entries(limits)) assert.ok(offeredTo(offers, role, name) <= limit * 1_000, `${role} ${name}`);
        }
        for (const [index, [cpus, gbs]] of one.agents.entries()) {
          const of = offers.filter(({ agentId }) => agentId.endsWith(`-S${index}`));
          const [cpuSum, gbSum] = sumOf(of);
          assert.ok(cpuSum <= cpus && gbSum <= gbs, `agent ${index}`);
        }
      }),
    );
  });

  it("meets the guarantees of whoever is there, and keeps what the others lack free", () => {
    fc.assert(
      fc.property(cluster, (one) => {
        const offers = allocated(one, "agentsFirst");
        for (const [index, name] of names.entries()) {
          const total = one.agents.reduce((sum, agent) => sum + (agent[index] ?? 0) * (name === "mem" ? gb : 1) * 1_000, 0);
          const guaranteed = Object.entries(one.quotas).map(
            ([role, { guarantees = {} }]) => [role, (guarantees[name] ?? 0) * 1_000] as const,
          );
          if (guaranteed.reduce((sum, [, milli]) => sum + milli, 0) > total) continue;
          const free = total - offers.reduce((sum, { resources }) => sum + scalarMilli(resources, name), 0);
          let lacking = 0;
          for (const [role, milli] of guaranteed) {
            const missing = Math.max(0, milli - offeredTo(offers, role, name));
            const isThere = one.roles.some((own) => topRole(own) === role);
            assert.ok(missing === 0 || !isThere, `${role} lacks ${missing} of ${name}`);
            lacking += missing;
          }
          assert.ok(free >= lacking, `${free} of ${name} are free, ${lacking} are lacking`);
        }
      }),
    );
  });

  it("leaves nothing over that somebody could have had", () => {
    fc.assert(
      fc.property(cluster, (one) => {
        const offers = allocated(one, "agentsFirst");
        for (const [index, name] of names.entries()) {
          const total = one.agents.reduce((sum, agent) => sum + (agent[index] ?? 0) * (name === "mem" ? gb : 1) * 1_000, 0);
          const free = total - offers.reduce((sum, { resources }) => sum + scalarMilli(resources, name), 0);
          const lacking = Object.entries(one.quotas).reduce(
            (sum, [role, { guarantees = {} }]) => sum + Math.max(0, (guarantees[name] ?? 0) * 1_000 - offeredTo(offers, role, name)),
            0,
          );
          if (free <= lacking) continue;
          for (const role of new Set(one.roles.map(topRole))) {
            const limit = one.quotas[role]?.limits?.[name];
            assert.ok(limit !== undefined && offeredTo(offers, role, name) === limit * 1_000, `${role} could have had more ${name}`);
          }
        }
      }),
    );
  });
});

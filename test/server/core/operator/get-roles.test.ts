/** GET_ROLES and GetRoleUsage: which roles there are, and what each of them has. */

import assert from "node:assert/strict";
import { type Resource, toResources } from "../../../../common/resources.ts";
import type { Resource as MesosResource } from "../../../../protos/gen/mesos/v1/mesos.ts";
import { cpusAndMem, MasterDriver, type Scheduler } from "../master-driver.ts";
import { setQuotas } from "../roles/quotas.ts";

const reservedFor = (role: string, cpus: number): readonly Resource[] =>
  cpusAndMem(cpus, 0).map((resource) => ({ ...resource, reservations: [{ type: "STATIC", role }] }));

const cpusOf = (resources: readonly MesosResource[]): number =>
  resources.reduce((sum, { name, scalar }) => sum + (name === "cpus" ? (scalar?.value ?? 0) : 0), 0);

const namesOf = (driver: MasterDriver): readonly string[] => driver.operator("getRoles").roles.roles.map(({ name }) => name);

describe("GET_ROLES", () => {
  it("lists every role that is known from anywhere, and those above it, by name", () => {
    const driver = new MasterDriver().lead();
    assert.deepEqual(namesOf(driver), ["*"]);
    driver.subscribe({ roles: ["web/ads/x"], multiRole: true });
    driver.order({ kind: "updateWeights", weights: new Map([["eng/db", 2]]) });
    setQuotas(driver, { ops: { limits: { cpus: 1 } } });
    driver.register(toResources([...reservedFor("lab/a", 1), ...cpusAndMem(1, 128)]));
    assert.deepEqual(namesOf(driver), ["*", "eng", "eng/db", "lab", "lab/a", "ops", "web", "web/ads", "web/ads/x"]);
    assert.deepEqual(namesOf(new MasterDriver({ roles: new Set(["b", "a"]) }).lead()), ["*", "a", "b"]);
  });

  it("gives each its weight, its own frameworks, and what these hold or are offered in it", () => {
    const { driver, inEng, inAds } = withTasks();
    const roles = new Map(driver.operator("getRoles").roles.roles.map((role) => [role.name, role]));
    const summary = [...roles.values()].map(({ name, weight, frameworks, resources }) => [
      name,
      weight,
      frameworks.map(({ value }) => value),
      cpusOf(resources),
    ]);
    assert.deepEqual(summary, [
      ["*", 1, [], 0],
      ["eng", 1, [inEng.frameworkId], 3],
      ["eng/ads", 2, [inAds.frameworkId], 5],
    ]);
  });
});

describe("GetRoleUsage", () => {
  it("tells what is held, offered and reserved apart, with the roles below, and what counts for the quota", () => {
    const { driver } = withTasks();
    setQuotas(driver, { eng: { guarantees: { cpus: 1 }, limits: { cpus: 20 } } });
    const usage = driver
      .operator("getRoleUsage")
      .usage.roles.map(({ name, allocated, offered, reserved, quota, consumed }) => [
        name,
        ...[allocated, offered, reserved].map(cpusOf),
        quota?.limits["cpus"]?.value,
        consumed["cpus"]?.value,
      ]);
    assert.deepEqual(usage, [
      ["*", 0, 0, 0, undefined, undefined],
      ["eng", 3, 5, 2, 20, 8],
      ["eng/ads", 1, 4, 2, undefined, undefined],
    ]);
  });
});

/** eng holds 2 cpus and is offered 1; eng/ads holds 1 and is offered 4, 2 of which are reserved for it. */
function withTasks(): { readonly driver: MasterDriver; readonly inEng: Scheduler; readonly inAds: Scheduler } {
  const driver = new MasterDriver().lead();
  driver.order({ kind: "updateWeights", weights: new Map([["eng/ads", 2]]) });
  const inEng = driver.subscribe({ roles: ["eng"], multiRole: true });
  const first = driver.register(cpusAndMem(3, 1_024), "first");
  driver.launch(inEng, driver.takeOffer(inEng), { resources: cpusAndMem(2, 512) });
  driver.advanceAlive(1_000, [first]);
  driver.call(inEng, { kind: "suppress", roles: [] });
  const inAds = driver.subscribe({ roles: ["eng/ads"], multiRole: true });
  const second = driver.register(toResources([...reservedFor("eng/ads", 2), ...cpusAndMem(3, 1_024)]), "second");
  driver.launch(inAds, driver.takeOffer(inAds), { resources: cpusAndMem(1, 512) });
  driver.advanceAlive(1_000, [first, second]);
  return { driver, inEng, inAds };
}

/** The rules of TaskInfo.limits. */

import assert from "node:assert/strict";
import { describe, it } from "mocha";

import type { Resource } from "../../common/resources.ts";
import { findLimitsProblem, type TaskLimits } from "../../common/task-limits.ts";

const scalar = (name: string, milli: number): Resource => ({ name, value: { kind: "scalar", milli }, reservations: [] });
const requests = [scalar("cpus", 500), scalar("mem", 64_000), scalar("disk", 10_000)];

describe("findLimitsProblem()", () => {
  const good: readonly TaskLimits[] = [
    {},
    { cpus: { value: 0.5 } },
    { cpus: { value: 2 }, mem: { value: 64 } },
    { cpus: { value: Number.POSITIVE_INFINITY }, mem: { value: Number.POSITIVE_INFINITY } },
  ];
  for (const limits of good)
    it(`takes ${Object.entries(limits).map(([name, { value }]) => `${name}:${value}`)}`, () =>
      assert.equal(findLimitsProblem(limits, requests), undefined));

  const bad: readonly [TaskLimits, string][] = [
    [{ cpus: { value: 0.499 } }, 'limits["cpus"] must not be less than the cpus of the resources, 0.499 is less than 0.5'],
    [{ cpus: { value: 1 }, mem: { value: -1 } }, 'limits["mem"] must not be less than the mem of the resources, -1 is less than 64'],
    [
      { mem: { value: Number.NEGATIVE_INFINITY } },
      'limits["mem"] must not be less than the mem of the resources, -Infinity is less than 64',
    ],
    [{ mem: { value: Number.NaN } }, 'limits["mem"] must be a number, is NaN'],
    [{ disk: { value: 100 } }, 'limits["disk"] must be of cpus or mem'],
    [{ [`x${"y".repeat(200)}`]: { value: 1 } }, `limits["x${"y".repeat(63)}... (201 characters)"] must be of cpus or mem`],
  ];
  for (const [limits, problem] of bad) it(`refuses: ${problem}`, () => assert.equal(findLimitsProblem(limits, requests), problem));

  it("refuses a limit of what is not asked for", () => {
    assert.equal(
      findLimitsProblem({ mem: { value: 64 } }, [scalar("cpus", 1)]),
      'limits["mem"] must have mem among the resources beside it',
    );
  });
});

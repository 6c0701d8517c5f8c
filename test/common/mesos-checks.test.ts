/** The rules of CheckInfo and HealthCheck, each with a message that breaks only that one. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { findCheckProblem, findHealthCheckProblem } from "../../common/mesos-checks.ts";
import { CheckInfo, HealthCheck } from "../../protos/gen/mesos/v1/mesos.ts";

type CheckFields = Parameters<typeof CheckInfo.fromPartial>[0];
type HealthFields = Parameters<typeof HealthCheck.fromPartial>[0];

const ofCheck = (fields: CheckFields) => findCheckProblem("check", CheckInfo.fromPartial(fields));
const ofHealth = (fields: HealthFields) => findHealthCheckProblem("health", HealthCheck.fromPartial(fields));

const command = { type: 1, command: { command: { value: "true" } } } as const;
const http = { type: 2, http: { port: 80, path: "/a?b=c#d" } } as const;
const tcp = { type: 3, tcp: { port: 65_535 } } as const;

describe("a CheckInfo", () => {
  for (const good of [
    command,
    http,
    tcp,
    { ...tcp, delaySeconds: 0, intervalSeconds: 0, timeoutSeconds: 0 },
    { type: 2, http: { port: 1 } },
  ]) {
    it(`may be ${JSON.stringify(good)}`, () => assert.equal(ofCheck(good as CheckFields), undefined));
  }
  const bad: readonly (readonly [fields: CheckFields, problem: string])[] = [
    [{}, "check.type must be COMMAND, HTTP or TCP, is not set"],
    [{ type: 0 }, "check.type must be COMMAND, HTTP or TCP, is 0"],
    [{ ...http, type: 1 }, "check.command must be set for the type COMMAND"],
    [{ type: 1, command: {} }, "check.command must be set for the type COMMAND"],
    [{ type: 1, command: { command: {} } }, "check.command.command.value must not be empty"],
    [{ ...tcp, type: 2 }, "check.http must be set for the type HTTP"],
    [{ ...http, type: 3 }, "check.tcp must be set for the type TCP"],
    [{ type: 3, tcp: { port: 0 } }, "check.tcp.port must be from 1 to 65535, is 0"],
    [{ type: 2, http: { port: 70_000 } }, "check.http.port must be from 1 to 65535, is 70000"],
    [{ type: 2, http: { port: 1, path: "" } }, 'check.http.path must begin with "/", is ""'],
    [{ type: 2, http: { port: 1, path: "/a b" } }, 'check.http.path must consist of visible ASCII characters, is "/a b"'],
    [{ type: 2, http: { port: 1, path: "/\r\nHost: x" } }, 'check.http.path must consist of visible ASCII characters, is "/\\r\\nHost: x"'],
    [{ type: 2, http: { port: 1, path: `/${"a".repeat(2_048)}` } }, "check.http.path must have at most 2048 characters, has 2049"],
    [{ ...tcp, delaySeconds: -0.1 }, "check.delay_seconds must be from 0 to 9223372036, is -0.1"],
    [{ ...tcp, intervalSeconds: Number.NaN }, "check.interval_seconds must be from 0 to 9223372036, is NaN"],
    [{ ...tcp, timeoutSeconds: Number.POSITIVE_INFINITY }, "check.timeout_seconds must be from 0 to 9223372036, is Infinity"],
  ];
  for (const [fields, problem] of bad) it(`may not break the rule: ${problem.slice(0, 80)}`, () => assert.equal(ofCheck(fields), problem));
});

describe("a HealthCheck", () => {
  const health = { type: 2, http: { port: 80, scheme: "https", path: "/", statuses: [200] } } as const;
  it("may be of each type", () => {
    for (const good of [health, { type: 1, command: { value: "true" } }, { type: 3, tcp: { port: 1, protocol: 2 } }]) {
      assert.equal(ofHealth(good as HealthFields), undefined);
    }
  });
  const bad: readonly (readonly [fields: HealthFields, problem: string])[] = [
    [{}, "health.type must be COMMAND, HTTP or TCP, is not set"],
    [{ type: 1 }, "health.command must be set for the type COMMAND"],
    [{ type: 1, command: {} }, "health.command.value must not be empty"],
    [{ type: 2 }, "health.http must be set for the type HTTP"],
    [{ type: 3 }, "health.tcp must be set for the type TCP"],
    [{ type: 2, http: { port: 80, scheme: "HTTP" } }, 'health.http.scheme must be http or https, is "HTTP"'],
    [{ type: 2, http: { port: 80, statuses: [200, 600] } }, "health.http.statuses[1] must be from 100 to 599, is 600"],
    [{ type: 2, http: { port: 0 } }, "health.http.port must be from 1 to 65535, is 0"],
    [{ type: 3, tcp: { port: 1 }, gracePeriodSeconds: -1 }, "health.grace_period_seconds must be from 0 to 9223372036, is -1"],
    [{ type: 3, tcp: { port: 1 }, delaySeconds: Number.NaN }, "health.delay_seconds must be from 0 to 9223372036, is NaN"],
  ];
  for (const [fields, problem] of bad) it(`may not break the rule: ${problem}`, () => assert.equal(ofHealth(fields), problem));

  it("is judged without an exception, whatever its numbers", () => {
    fc.assert(
      fc.property(fc.double(), fc.double(), fc.nat(100_000), fc.string(), (delaySeconds, timeoutSeconds, port, path) => {
        const problem = ofHealth({ type: 2, http: { port, path }, delaySeconds, timeoutSeconds });
        assert.equal(
          problem === undefined,
          isGood(delaySeconds) && isGood(timeoutSeconds) && port >= 1 && port <= 65_535 && /^\/[!-~]*$/.test(path),
        );
      }),
    );
  });
});

function isGood(seconds: number): boolean {
  return seconds >= 0 && seconds <= 9_223_372_036;
}

/** What SUBSCRIBE and UPDATE_FRAMEWORK share: suppressed roles, offer constraints, offer filters; and REQUEST. */

import assert from "node:assert/strict";
import type { Refusal } from "../../../common/result.ts";
import { type AttributeConstraint, Call, Call_Type as Type } from "../../../protos/gen/mesos/v1/scheduler/scheduler.ts";
import type { FrameworkSettings, SchedulerCall } from "../../../server/core/calls/call.ts";
import { decodeSchedulerCall } from "../../../server/wire/decode.ts";

type CallFields = Parameters<typeof Call.fromPartial>[0];
type Fields = NonNullable<CallFields["updateFramework"]>;
type InfoFields = NonNullable<Fields["frameworkInfo"]>;

const frameworkId = { value: "F" };

function decode(fields: CallFields) {
  return decodeSchedulerCall(Call.encode(Call.fromPartial(fields)).finish());
}

/** The same fields in both calls; their answers must be the same but for the name of the call. */
function settingsOf(info: InfoFields, rest: Fields = {}): FrameworkSettings | Refusal {
  const frameworkInfo = { user: "u", name: "n", id: frameworkId, ...info };
  const update = decode({ type: Type.UPDATE_FRAMEWORK, frameworkId, updateFramework: { ...rest, frameworkInfo } });
  const subscribe = decode({ type: Type.SUBSCRIBE, frameworkId, subscribe: { ...rest, frameworkInfo } });
  assert.equal(update.ok, subscribe.ok);
  if (!update.ok || !subscribe.ok) {
    assert.ok(!update.ok && !subscribe.ok);
    assert.equal(subscribe.refusal.message, update.refusal.message.replaceAll("update_framework", "subscribe"));
    return update.refusal;
  }
  assert.ok(update.value.kind === "call" && update.value.call.kind === "updateFramework" && subscribe.value.kind === "subscribe");
  const { kind: _, ...settings } = update.value.call;
  const { frameworkId: __, ...same } = subscribe.value.call;
  assert.equal(JSON.stringify(same, plain), JSON.stringify(settings, plain));
  return settings;
}

function plain(_key: string, value: unknown): unknown {
  return value instanceof Map ? [...value] : value;
}

function problemOf(info: InfoFields, rest: Fields = {}): string {
  const outcome = settingsOf(info, rest);
  assert.ok("code" in outcome, "must be refused");
  assert.equal(outcome.code, "INVALID_ARGUMENT");
  return outcome.message;
}

function takenSettings(info: InfoFields, rest: Fields = {}): FrameworkSettings {
  const outcome = settingsOf(info, rest);
  assert.ok(!("code" in outcome), "code" in outcome ? outcome.message : "");
  return outcome;
}

const multiRole: InfoFields = { roles: ["a", "b"], capabilities: [{ type: 6 }] };

describe("decodeSchedulerCall(): UPDATE_FRAMEWORK", () => {
  it("reads info and suppressed roles as SUBSCRIBE does", () => {
    const { framework, suppressedRoles, offerConstraints } = takenSettings(multiRole, { suppressedRoles: ["b"] });
    assert.deepEqual([framework.roles, suppressedRoles, offerConstraints.size], [["a", "b"], ["b"], 0]);
  });

  const bad: readonly [name: string, fields: CallFields, message: string][] = [
    ["no framework id", { updateFramework: { frameworkInfo: { user: "u", name: "n" } } }, "framework_id must be set"],
    ["no message", { frameworkId }, "update_framework must be set"],
    [
      "an info without an id",
      { frameworkId, updateFramework: { frameworkInfo: { user: "u", name: "n" } } },
      'update_framework.framework_info.id must equal framework_id, "F", is not set',
    ],
    [
      "an info with another id",
      { frameworkId, updateFramework: { frameworkInfo: { user: "u", name: "n", id: { value: "G" } } } },
      'update_framework.framework_info.id must equal framework_id, "F", is "G"',
    ],
  ];
  for (const [name, fields, message] of bad) {
    it(`refuses ${name}`, () => {
      const decoded = decode({ type: Type.UPDATE_FRAMEWORK, ...fields });
      assert.ok(!decoded.ok);
      assert.deepEqual(decoded.refusal, { code: "INVALID_ARGUMENT", message });
    });
  }

  it("refuses a suppressed role that is not the framework's", () => {
    assert.equal(problemOf({}, { suppressedRoles: ["x"] }), 'update_framework.suppressed_roles[0] must be a role of the framework, is "x"');
  });
});

describe("decodeSchedulerCall(): offer constraints", () => {
  type Constraint = Parameters<typeof AttributeConstraint.fromPartial>[0];
  const rack = { attributeName: "rack" };
  const path = 'update_framework.offer_constraints.role_constraints["*"].groups';

  function constrain(...constraints: readonly Constraint[]): Fields {
    return { offerConstraints: { roleConstraints: { "*": { groups: [{ attributeConstraints: [...constraints] }] } } } };
  }

  it("reads every selector and every predicate", () => {
    const { offerConstraints } = takenSettings(
      {},
      constrain(
        { selector: rack, predicate: { exists: {} } },
        { selector: { pseudoattributeType: 1 }, predicate: { notExists: {} } },
        { selector: { pseudoattributeType: 2 }, predicate: { textEquals: { value: "x" } } },
        { selector: { pseudoattributeType: 3 }, predicate: { textNotEquals: { value: "y" } } },
        { selector: rack, predicate: { textMatches: { regex: "a+" } } },
        { selector: rack, predicate: { textNotMatches: { regex: "b+" } } },
      ),
    );
    const [group = []] = offerConstraints.get("*") ?? [];
    assert.deepEqual(
      group.map(({ selector, predicate }) => [selector.kind, predicate.kind]),
      [
        ["attribute", "exists"],
        ["hostname", "notExists"],
        ["region", "textEquals"],
        ["zone", "textNotEquals"],
        ["attribute", "textMatches"],
        ["attribute", "textNotMatches"],
      ],
    );
    const patterns = group.flatMap(({ predicate }) => ("pattern" in predicate ? [predicate.pattern] : []));
    assert.deepEqual(
      patterns.map((pattern) => [pattern.source, pattern.matches("aa")]),
      [
        ["a+", true],
        ["b+", false],
      ],
    );
  });

  const bad: readonly [name: string, rest: Fields, message: string][] = [
    ["no group", { offerConstraints: { roleConstraints: { "*": { groups: [] } } } }, `${path} must not be empty`],
    ["an empty group", constrain(), `${path}[0].attribute_constraints must not be empty`],
    [
      "a role that is not the framework's",
      {
        offerConstraints: {
          roleConstraints: { x: { groups: [{ attributeConstraints: [{ selector: rack, predicate: { exists: {} } }] }] } },
        },
      },
      'update_framework.offer_constraints.role_constraints must be of roles of the framework, has "x"',
    ],
    [
      "a selector that names nothing",
      constrain({ selector: {}, predicate: { exists: {} } }),
      `${path}[0].attribute_constraints[0].selector must have exactly one of attribute_name and pseudoattribute_type`,
    ],
    [
      "a selector that names two",
      constrain({ selector: { ...rack, pseudoattributeType: 1 }, predicate: { exists: {} } }),
      `${path}[0].attribute_constraints[0].selector must have exactly one of attribute_name and pseudoattribute_type`,
    ],
    [
      "an unknown pseudo-attribute",
      constrain({ selector: { pseudoattributeType: 0 }, predicate: { exists: {} } }),
      `${path}[0].attribute_constraints[0].selector.pseudoattribute_type must be HOSTNAME, REGION or ZONE`,
    ],
    [
      "no predicate",
      constrain({ selector: rack, predicate: {} }),
      `${path}[0].attribute_constraints[0].predicate must have exactly one predicate, has 0`,
    ],
    [
      "two predicates",
      constrain({ selector: rack, predicate: { exists: {}, notExists: {} } }),
      `${path}[0].attribute_constraints[0].predicate must have exactly one predicate, has 2`,
    ],
    [
      "a pattern that is too large",
      constrain({ selector: rack, predicate: { textNotMatches: { regex: "a{500}" } } }),
      `${path}[0].attribute_constraints[0].predicate.text_not_matches.regex must compile to at most 100 instructions, has 502`,
    ],
    [
      "too many",
      constrain(...new Array<Constraint>(1_001).fill({ selector: rack, predicate: { exists: {} } })),
      "update_framework.offer_constraints must have at most 1000 attribute constraints, has 1001",
    ],
  ];
  for (const [name, rest, message] of bad) it(`refuses ${name}`, () => assert.equal(problemOf({}, rest), message));
});

describe("decodeSchedulerCall(): offer filters", () => {
  type Quantities = Record<string, { value: number }>;
  function filters(...entries: readonly Quantities[]): InfoFields {
    return { offerFilters: { "*": { minAllocatableResources: { quantities: entries.map((quantities) => ({ quantities })) } } } };
  }
  const path = 'update_framework.framework_info.offer_filters["*"].min_allocatable_resources.quantities';

  it("are read in thousandths, one entry after the other", () => {
    const { framework } = takenSettings(filters({ cpus: { value: 0.5 } }, { mem: { value: 64 }, disk: { value: 1 } }));
    assert.deepEqual(framework.offerMinimums.get("*"), [
      new Map([["cpus", 500]]),
      new Map([
        ["mem", 64_000],
        ["disk", 1_000],
      ]),
    ]);
  });

  it("may have no entries, which is a rule as well, or no rule", () => {
    assert.deepEqual(takenSettings(filters()).framework.offerMinimums.get("*"), []);
    assert.equal(takenSettings({ offerFilters: { "*": {} } }).framework.offerMinimums.size, 0);
  });

  const bad: readonly [value: number, rule: string][] = [
    [Number.NaN, "must be a number, is NaN"],
    [Number.POSITIVE_INFINITY, "must be at most 10000000000, is Infinity"],
    [-1, "must not be negative, is -1"],
    [5e-324, "must not be subnormal, is 5e-324"],
  ];
  for (const [value, rule] of bad) {
    it(`refuse ${value}`, () => assert.equal(problemOf(filters({ cpus: { value } })), `${path}[0].quantities["cpus"].value ${rule}`));
  }
  it("refuse an entry without quantities", () => assert.equal(problemOf(filters({})), `${path}[0].quantities must not be empty`));
});

describe("decodeSchedulerCall(): REQUEST", () => {
  function requestOf(request: CallFields["request"]): SchedulerCall | string {
    const decoded = decode({ type: Type.REQUEST, frameworkId, request });
    if (!decoded.ok) return decoded.refusal.message;
    assert.equal(decoded.value.kind, "call");
    return decoded.value.call as SchedulerCall;
  }

  it("is counted", () => {
    const resources = [{ name: "cpus", type: 0, scalar: { value: 1 } } as const];
    assert.deepEqual(requestOf({ requests: [{ agentId: { value: "A" }, resources: [...resources] }, {}] }), {
      kind: "request",
      requestCount: 2,
    });
  });

  it("is refused when it is malformed", () => {
    assert.equal(requestOf(undefined), "request must be set");
    assert.equal(requestOf({ requests: [{ agentId: { value: "" } }] }), "request.requests[0].agent_id.value must not be empty");
    const resources = [{ name: "cpus", type: 0, scalar: { value: -1 } } as const];
    const message = "request.requests[0].resources[0].scalar.value must not be negative, is -1";
    assert.equal(requestOf({ requests: [{ resources: [...resources] }] }), message);
    assert.equal(requestOf({ requests: new Array(1_001).fill({}) }), "request.requests must have at most 1000 entries, has 1001");
  });
});

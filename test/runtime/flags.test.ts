/** Flags give typed values, or say which flag, which value and which rule. */

import assert from "node:assert/strict";
import { describe, it } from "mocha";

import { type Result, refuse, succeed } from "../../common/result.ts";
import {
  choiceFlag,
  describeFlags,
  domainFlag,
  durationFlag,
  type FlagsOutcome,
  integerFlag,
  parseFlags,
  portFlag,
  readFlag,
  switchFlag,
  textFlag,
} from "../../runtime/flags.ts";

const flags = {
  ip: textFlag({ description: "Address to listen on.", fallback: "127.0.0.1" }),
  port: portFlag({ description: "Port to listen on.", fallback: 6050 }),
  registry: choiceFlag({ description: "Store.", fallback: "sqlite", choices: ["sqlite", "memory"] }),
  "ping-timeout": durationFlag({ description: "Wait.", fallback: 15_000, minMs: 100 }),
  "offer-timeout": durationFlag({ description: "Life of an offer.", fallback: undefined }),
  retries: integerFlag({ description: "Attempts.", fallback: 5, min: 1, max: 10 }),
};

const parse = (...args: string[]): FlagsOutcome<typeof flags> =>
  parseFlags({ name: "program", description: "A program.", version: "1.2.3", flags }, args);

function textOf(outcome: FlagsOutcome<typeof flags>, code: number): string {
  assert.equal(outcome.kind, "exit");
  assert.equal(outcome.code, code);
  return outcome.text;
}

describe("flags", () => {
  it("have their defaults", () => {
    assert.deepEqual(parse(), {
      kind: "values",
      values: { ip: "127.0.0.1", port: 6050, registry: "sqlite", "ping-timeout": 15_000, "offer-timeout": undefined, retries: 5 },
    });
  });

  it("take values of their type, as --flag value and --flag=value", () => {
    const outcome = parse("--ip=::1", "--port", "0", "--registry=memory", "--ping-timeout=1.5s", "--offer-timeout", "2h", "--retries=10");
    assert.deepEqual(outcome, {
      kind: "values",
      values: { ip: "::1", port: 0, registry: "memory", "ping-timeout": 1_500, "offer-timeout": 7_200_000, retries: 10 },
    });
  });

  const wrong: readonly (readonly [args: string[], expected: RegExp])[] = [
    [["--prot=1"], /unknown option '--prot'[\s\S]*Did you mean --port\?/],
    [["--prot", "1"], /unknown option '--prot'[\s\S]*Did you mean --port\?/],
    [["--port", "65536"], /'--port <port>' argument '65536' is invalid. It must be a whole number, 0 to 65535/],
    [["--port=1e3"], /'--port <port>' argument '1e3' is invalid/],
    [["--port"], /'--port <port>' argument missing/],
    [["--ip="], /'--ip <text>' argument '' is invalid. It must not be empty/],
    [["--ping-timeout", "10"], /'--ping-timeout <duration>' argument '10' is invalid. It must be a number with a unit/],
    [["--ping-timeout", "99ms"], /argument '99ms' is invalid. It must be 100ms to 365d/],
    [["--ping-timeout", "1000d"], /argument '1000d' is invalid/],
    [["--registry", "etcd"], /argument 'etcd' is invalid. It must be one of sqlite, memory/],
    [["--retries", "-1"], /'--retries <number>' argument '-1' is invalid. It must be a whole number, 1 to 10/],
    [["stray"], /too many arguments/],
  ];
  for (const [args, expected] of wrong) {
    it(`refuse ${args.join(" ")} with status 2`, () => assert.match(textOf(parse(...args), 2), expected));
  }

  it("explain themselves with --help, and the program with --version", () => {
    assert.match(textOf(parse("--help"), 0), /--ping-timeout <duration>\s+Wait\. \(default: 15s\)/);
    assert.equal(textOf(parse("--version"), 0), "1.2.3\n");
  });

  it("can be listed with the values in force", () => {
    const outcome = parse("--ping-timeout=90s");
    assert.equal(outcome.kind, "values");
    assert.deepEqual(describeFlags(flags, outcome.values), [
      { name: "ip", value: "127.0.0.1" },
      { name: "port", value: "6050" },
      { name: "registry", value: "sqlite" },
      { name: "ping-timeout", value: "90s" },
      { name: "offer-timeout", value: "" },
      { name: "retries", value: "5" },
    ]);
  });
});

describe("flags with values of their own", () => {
  const own = {
    root: switchFlag({ description: "Root.", fallback: true }),
    even: readFlag({ placeholder: "even", description: "Even.", read: readEven, format: String }),
    domain: domainFlag("Region and zone."),
  };
  const parseOwn = (...args: string[]) => parseFlags({ name: "program", description: "A program.", version: "1", flags: own }, args);
  const north = '{"fault_domain":{"region":{"name":"north"},"zone":{"name":"a"}}}';

  it("are read and written", () => {
    const outcome = parseOwn("--root=false", "--even=4", `--domain=${north}`);
    assert.ok(outcome.kind === "values");
    assert.deepEqual(outcome.values, { root: false, even: 4, domain: { region: "north", zone: "a" } });
    assert.deepEqual(
      describeFlags(own, outcome.values).map(({ value }) => value),
      ["false", "4", north],
    );
  });

  it("have their defaults", () => {
    const outcome = parseOwn();
    assert.ok(outcome.kind === "values");
    assert.deepEqual(outcome.values, { root: true, even: undefined, domain: undefined });
    assert.deepEqual(
      describeFlags(own, outcome.values).map(({ value }) => value),
      ["true", "", ""],
    );
  });

  for (const [args, rule] of [
    ["--root=yes", "It must be true or false."],
    ["--even=3", "Refused: must be even."],
    ["--domain={}", "Refused: must be like"],
  ] as const) {
    it(`refuse ${args}`, () => {
      const outcome = parseOwn(args);
      assert.ok(outcome.kind === "exit" && outcome.code === 2);
      assert.ok(outcome.text.includes(rule), outcome.text);
    });
  }
});

function readEven(text: string): Result<number> {
  return Number(text) % 2 === 0 ? succeed(Number(text)) : refuse("INVALID_ARGUMENT", "must be even");
}

/** What is said of a wrong command line, and of a master that does not answer; and the exit codes, which are a contract. */

import assert from "node:assert/strict";
import type { Command } from "commander";
import { createProgram as createBench } from "../../bench/program.ts";
import { createProgram as createMutants } from "../../chaos/mutants/program.ts";
import { createProgram as createChaos } from "../../chaos/program.ts";
import { commandsBelow, createProgram as createCli } from "../../cli/program.ts";
import { runCommand } from "../../runtime/command-line.ts";
import { Tool } from "./tool.ts";

/** The command line of each of the project's programs. */
const programs = {
  "cli/main.ts": createCli,
  "chaos/main.ts": createChaos,
  "chaos/mutants/main.ts": createMutants,
  "bench/main.ts": createBench,
} as const satisfies Record<string, () => Command>;

/**
 * Command line, and what the complaint must say. Most of these are found by a command that has begun; two are found by the parser,
 * like all those below, and show that the process ends as they say.
 */
const mistakesOfProcesses: readonly (readonly [readonly string[], RegExp])[] = [
  [["cli/main.ts", "verfy"], /unknown command 'verfy'\n\(Did you mean verify\?\)/],
  [["cli/main.ts", "run", " "], /the command must not be empty/],
  [["cli/main.ts", "quota", "set", "eng"], /^error: option '--guarantee' or '--limit' is required; `tepui quota remove` ends a quota/],
  [["cli/main.ts", "maintenance", "schedule", "a"], /begins must be given as now, in or at, like "host-1 host-2 in 2h for 30m"/],
  [["cli/main.ts", "maintenance", "start", "a/b"], /must be a hostname, an address, or both like "host\/10.0.0.1", is "a\/b"/],
  [["cli/main.ts", "up", "--folder", "LICENSE/x"], /^error: option '--folder <path>' argument 'LICENSE\/x' is invalid\. .*ENOTDIR/],
  [["bench/main.ts"], /churn/],
  [["chaos/main.ts", "replay", "no-such-file"], /no-such-file is neither a seed nor a file/],
  [["chaos/main.ts", "replay", "package.json"], /package\.json is not a plan: it has no options and steps/],
  [["chaos/main.ts", "replay", "README"], /neither a seed nor a file/],
  [["examples/typescript/batch.ts", "--taks", "1"], /Unknown option '--taks'/],
];

/** Found by the parser, which needs no process of its own. */
const mistakes: readonly (readonly [readonly [keyof typeof programs, ...string[]], RegExp])[] = [
  [["cli/main.ts", "frobnicate"], /unknown command 'frobnicate'/],
  [["cli/main.ts", "up", "--prot", "1"], /unknown option '--prot'\n\(Did you mean --port\?\)/],
  [["cli/main.ts", "agent", "drian"], /unknown command 'drian'\n\(Did you mean drain\?\)/],
  [["cli/main.ts", "drain", "a"], /unknown command 'drain'\n\(Did you mean tepui agent drain\?\)/],
  [
    ["cli/main.ts", "list"],
    /\(Did you mean tepui agent list or tepui framework list or tepui task list or tepui role list or tepui quota list\?\)/,
  ],
  [["cli/main.ts", "help", "agent", "drian"], /unknown command 'drian'\n\(Did you mean drain\?\)\n`tepui agent --help`/],
  [["cli/main.ts", "task", "list", "--framwork", "a"], /unknown option '--framwork'\n\(Did you mean --framework\?\)/],
  [["cli/main.ts", "task", "show"], /missing required argument 'task-id'\n`tepui task show --help` has its words and examples\./],
  [["cli/main.ts", "run"], /missing required argument 'command'/],
  [["cli/main.ts", "run", "--cpus", "0", "true"], /must be more than 0 and at most 100000 processors, is "0"/],
  [["cli/main.ts", "run", "--env", "=x", "true"], /must be NAME=VALUE, is "=x"\./],
  [["cli/main.ts", "task", "logs"], /missing required argument 'task-id'/],
  [["cli/main.ts", "task", "logs", "a", "--tail", "few"], /must be a whole number from 0, is "few"/],
  [["cli/main.ts", "cluster", "wait", "--agents", "-1"], /must be a whole number from 0, is "-1"/],
  [["cli/main.ts", "cluster", "wait", "--timeout", "soon"], /must be a number with a unit \(ms, s, m, h, d\)/],
  [["cli/main.ts", "completion", "csh"], /Allowed choices are bash, zsh, fish\./],
  [["cli/main.ts", "agent", "drain"], /missing required argument 'agent-id'/],
  [["cli/main.ts", "agent", "drain", "a", "--max-grace", "5"], /must be a number with a unit/],
  [["cli/main.ts", "role", "weight", "eng", "0"], /'0' is invalid for argument 'weight'\. must be a number above 0, is "0"/],
  [["cli/main.ts", "quota", "set", "eng", "--limit", "cpus"], /argument 'cpus' is invalid\. must be "name:value" pairs, has "cpus"/],
  [["cli/main.ts", "quota", "set", "eng", "--limit", "cpus:-1"], /cpus must be a number from 0, is "-1"/],
  [["cli/main.ts", "maintenance", "strat", "a"], /unknown command 'strat'\n\(Did you mean start\?\)/],
  [["cli/main.ts", "agent", "list", "--master", ""], /^error: option '--master <addresses>' .* must be host:port, is ""\.\n/],
  [["cli/main.ts", "agent", "list", "--master", "foo"], /^error: option '--master <addresses>' .* must be host:port, is "foo"\.\n/],
  [["cli/main.ts", "agent", "list", "--master", "a:1,b:0"], /must be host:port, is "b:0"\./],
  [["cli/main.ts", "up", "extra"], /too many arguments for 'up'/],
  [["cli/main.ts", "up", "--agents", "0"], /'--agents <count>' argument '0' is invalid\. must be a whole number from 1 to 50/],
  [["cli/main.ts", "up", "--agents", "2.5"], /argument '2\.5' is invalid/],
  [["cli/main.ts", "up", "--port", "65536"], /must be a port from 1 to 65535/],
  [["cli/main.ts", "up", "--port"], /option '--port <port>' argument missing/],
  [["cli/main.ts", "verify", "--seed", "abc"], /must be a whole number from 0, is "abc"/],
  [["cli/main.ts", "verify", "--sim-seconds", "-3"], /must be more than 0 and at most 86400 seconds, is "-3"/],
  [["chaos/main.ts", "no-such-suite"], /there is no suite "no-such-suite"; there are: maintenance, smoke/],
  [["chaos/main.ts", "smoke", "--tier", "moon"], /Allowed choices are sim, processes, containers/],
  [["chaos/main.ts", "smoke", "--seed", "1e3"], /must be a whole number from 0, is "1e3"/],
  [["chaos/main.ts", "smoke", "--runs", "0"], /must be a whole number from 1, is "0"/],
  [["chaos/main.ts", "sim", "--runs", "0"], /must be a whole number from 1, is "0"/],
  [["chaos/main.ts", "sim", "--minutes", "NaN"], /must be more than 0 and at most 10080 minutes, is "NaN"/],
  [["chaos/main.ts", "replay"], /missing required argument 'plan-or-seed'/],
  [["chaos/mutants/main.ts", "--only", "M999"], /there is no mutant "M999"; there are: M01/],
  [["chaos/mutants/main.ts", "--seconds", "0"], /must be a whole number from 1, is "0"/],
  [["chaos/mutants/main.ts", "--tire", "sim"], /unknown option '--tire'\n\(Did you mean --tier\?\)/],
  [["bench/main.ts", "no-such-workload"], /unknown command 'no-such-workload'/],
  [["bench/main.ts", "churn", "--tasks", "many"], /must be a whole number from 0, is "many"/],
];

/** What is written instead of to the process's own streams, and the exit code. */
async function parse(program: Command, words: readonly string[]): Promise<{ exitCode: number | undefined; out: string; error: string }> {
  const written = { out: "", error: "" };
  for (const command of commandsBelow(program)) {
    command.configureOutput({
      writeOut: (text) => {
        written.out += text;
      },
      writeErr: (text) => {
        written.error += text;
      },
    });
  }
  const exitCode = await runCommand(program, words);
  return { exitCode, ...written };
}

describe("a mistake at the command line", () => {
  for (const [[main, ...words], complaint] of mistakes) {
    it(`is told with a reason, and exit code 2: ${[main, ...words].join(" ")}`, async () => {
      const { exitCode, out, error } = await parse(programs[main](), words);
      assert.equal(exitCode, 2, error);
      assert.match(error, complaint);
      assert.equal(out, "", "what is wrong belongs on stderr");
    });
  }

  for (const [args, complaint] of mistakesOfProcesses) {
    it(`exits with 2 and a reason: ${args.join(" ")}`, async () => {
      const tool = new Tool(args);
      assert.equal(await tool.exited, 2, tool.error);
      assert.match(tool.error, complaint);
      assert.equal(tool.out, "", "what is wrong belongs on stderr");
    });
  }

  it("is none to ask for help", async () => {
    const tool = new Tool(["cli/main.ts", "up", "--help"]);
    assert.equal(await tool.exited, 0);
    assert.match(tool.out, /--agents <count>/);
  });

  it("is none to ask for it by words", async () => {
    const tool = new Tool(["cli/main.ts", "help", "agent", "drain"]);
    assert.equal(await tool.exited, 0, tool.error);
    assert.match(tool.out, /^Usage: tepui agent drain [\s\S]*\nExamples:\n {2}tepui agent drain /);
  });
});

describe("a master that does not answer", () => {
  const nobody = ["--master", "127.0.0.1:1"];
  for (const [args, complaint] of [
    [["agent", "list"], /^error: GetAgents had no answer: UNAVAILABLE: nobody answers at 127\.0\.0\.1:1\nIs it the right master\?/],
    [["agent", "gone", "a"], /^error: MarkAgentGone has an unknown outcome: UNAVAILABLE: nobody answers at 127\.0\.0\.1:1\n/],
    [["task", "list"], /^error: GetState had no answer/],
    [["framework", "show", "a"], /^error: GetState had no answer/],
    [["cluster", "status"], /^error: GetState had no answer/],
    [["task", "logs", "a"], /^error: GetState had no answer/],
  ] as const) {
    it(`makes \`tepui ${args.join(" ")}\` exit with 3`, async () => {
      const tool = new Tool(["cli/main.ts", ...args, ...nobody]);
      assert.equal(await tool.exited, 3, tool.error);
      assert.match(tool.error, complaint);
      assert.equal(tool.out, "");
    });
  }

  it("makes `tepui run` exit with 125, as what was not run", async () => {
    const tool = new Tool(["cli/main.ts", "run", ...nobody, "true"]);
    assert.equal(await tool.exited, 125, tool.error);
    assert.match(
      tool.error,
      /^error: no master takes the task: 127\.0\.0\.1:1: UNAVAILABLE: nobody answers there\nIs it the right master\?/,
    );
  });

  it("is told to programs as JSON on stdout", async () => {
    const tool = new Tool(["cli/main.ts", "agent", "list", "--json", ...nobody]);
    assert.equal(await tool.exited, 3);
    assert.equal(JSON.parse(tool.out).error.code, "UNAVAILABLE");
  });

  it("is waited for by `tepui cluster wait`, as long as it was told to", async () => {
    const tool = new Tool(["cli/main.ts", "cluster", "wait", "--leader", "--timeout", "100ms", ...nobody]);
    assert.equal(await tool.exited, 1);
    assert.match(tool.error, /^error: not so after \S+: no master leads\n$/);
  });
});

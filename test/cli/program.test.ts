/** The help of every command, held against the command line. */

import assert from "node:assert/strict";
import type { Command } from "commander";
import { examples } from "../../cli/examples.ts";
import { commandsBelow, createProgram, pathOf } from "../../cli/program.ts";

/** What people call. */
const leaves = commandsBelow(createProgram()).filter(
  (command) => command.commands.length === 0 && !["ids", "help"].includes(command.name()),
);

/** What the program would do with the words, without doing it. */
async function parse(words: readonly string[]): Promise<string | undefined> {
  let called: string | undefined;
  const program = createProgram();
  for (const command of commandsBelow(program)) {
    command.exitOverride().configureOutput({ writeErr: () => undefined, outputError: () => undefined });
    if (command.commands.length === 0) {
      command.action(() => {
        called = pathOf(command).join(" ");
      });
    }
  }
  await program.parseAsync([...words], { from: "user" });
  return called;
}

const helpOf = (command: Command): string => {
  let text = "";
  command.configureOutput({ writeOut: (more) => (text += more) }).outputHelp();
  return text;
};

describe("the help of tepui", () => {
  for (const command of leaves) {
    const path = pathOf(command).join(" ");
    it(`of \`${path}\` says what it does, with examples that are right`, async () => {
      assert.match(command.description(), /^[A-Z].*\.$/);
      assert.notEqual(examples(command).length, 0);
      for (const example of examples(command)) {
        assert.ok(helpOf(command).includes(`\n  tepui ${example}`));
        assert.equal(await parse(example.split(" ")), path, example);
      }
    });
  }

  it("knows --master, --json and --no-color, and lists exit codes, wherever a master is asked", () => {
    const asking = leaves.filter((command) => !["up", "verify", "completion"].includes(command.name()));
    assert.ok(asking.length > 10);
    for (const command of asking) {
      assert.match(
        helpOf(command),
        /--master <addresses>[\s\S]*TEPUI_MASTER[\s\S]*--no-color[\s\S]*\nExit codes:\n/,
        pathOf(command).join(" "),
      );
    }
  });

  it("lists no command for scripts", () => assert.doesNotMatch(helpOf(createProgram()), /\n {2}ids/));
});

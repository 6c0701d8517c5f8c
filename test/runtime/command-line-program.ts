// A program for test/runtime/command-line.test.ts to start: two commands, one of which crashes.
import { Command } from "commander";
import { parseCount, positiveParser, runCommandLine } from "../../runtime/command-line.ts";

const program = new Command("program")
  .addCommand(
    new Command("print")
      .option("--count <n>", "a count", parseCount, 0)
      .option("--share <x>", "a share", positiveParser(1, "wholes"), 1)
      .action(({ count, share }: { count: number; share: number }) => console.log(count, share)),
  )
  .addCommand(
    new Command("crash").action(async () => {
      throw new Error("a bug of the tool");
    }),
  );

await runCommandLine(program);

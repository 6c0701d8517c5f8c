/** `tepui verify`: its command line. What it runs is loaded when it is asked for, so that the other commands need not wait for it. */

import { Command } from "commander";
import { parseCount, positiveParser } from "../runtime/command-line.ts";
import { withExamples } from "./examples.ts";
import type { VerifyOptions } from "./verify-run.ts";

/** A day; `npm run sim` is made for longer campaigns. */
const simSecondsMax = 24 * 60 * 60;

export function verifyCommand(): Command {
  const command = new Command("verify")
    .description("Simulates for some seconds, then boots a real cluster, breaks it, and checks every guarantee. Ends with a verdict.")
    .option("--seed <number>", "decides what is drawn", parseCount, Date.now() % 1_000_000)
    .option("--sim-seconds <number>", "how long to simulate", positiveParser(simSecondsMax, "seconds"), 10)
    .option("--containers", "on containers, too (needs Docker)", false)
    .action(async (options: VerifyOptions) => {
      const { verify } = await import("./verify-run.ts");
      await verify(options);
    })
    .addHelpText(
      "after",
      "\nExit codes:\n  0  pass\n  1  a guarantee is broken\n  2  a mistake of the command line or of the harness\n  3  nothing decided",
    );
  return withExamples(command, ["verify", "verify --seed 42 --sim-seconds 60 --containers"]);
}

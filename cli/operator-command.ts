/** What the commands for operators have in common: which master they ask, how they answer, and what a refusal looks like. */

import { type Command, InvalidArgumentError, Option } from "commander";
import { CallError } from "../client/call-error.ts";
import { OperatorClient } from "../client/operator-client.ts";
import { parseAddress } from "../runtime/address.ts";
import { defaultMaster } from "./default-master.ts";
import { exitCode, exitCodesHelp } from "./exit-codes.ts";
import { printJson } from "./print.ts";
import { switchColorsOff, withProgress } from "./terminal.ts";

export const masterVariable = "TEPUI_MASTER";

export interface OperatorOptions {
  readonly master: readonly string[];
  readonly json?: boolean;
}

/** Something that is not there, or not so, found before or without asking the master for a change. */
export class NotSoError extends Error {
  override readonly name = "NotSoError";
}

export function withMasterOption(command: Command): Command {
  const masters = new Option("--master <addresses>", "a master as host:port, or several with commas").env(masterVariable);
  masters.argParser(parseMasters).default([defaultMaster], defaultMaster);
  return command
    .addOption(masters)
    .option("--no-color", "without colours, as with NO_COLOR in the environment; a pipe never gets any")
    .hook("preAction", (_owner, called) => {
      if (called.opts()["color"] === false) switchColorsOff();
    });
}

export function withOperatorOptions(command: Command): Command {
  return withMasterOption(command).option("--json", "answer as JSON").addHelpText("after", exitCodesHelp);
}

function parseMasters(text: string): readonly string[] {
  const addresses = text.split(",").map((address) => address.trim());
  const wrong = addresses.find((address) => parseAddress(address) === undefined);
  if (wrong !== undefined) throw new InvalidArgumentError(`must be host:port, is "${wrong}".`);
  return addresses;
}

/** Does something with the leading master. A refusal is printed and sets the exit code. */
export async function withOperator(options: OperatorOptions, use: (operator: OperatorClient) => Promise<void>): Promise<void> {
  using operator = new OperatorClient({ masters: options.master });
  await tellFailure(options, () =>
    withProgress(
      () => `waiting for ${options.master.join(", ")}`,
      () => use(operator),
    ),
  );
}

/** Says that it is done: to programs by the fields, to people by the sentences. */
export function sayDone({ json }: OperatorOptions, fields: Readonly<Record<string, unknown>>, ...sentences: readonly string[]): void {
  if (json === true) printJson(fields);
  else for (const sentence of sentences) console.log(sentence);
}

/** Does something. A refusal is printed and sets the exit code. */
export async function tellFailure({ json }: Pick<OperatorOptions, "json">, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const failure = toFailure(error);
    if (failure === undefined) throw error;
    const { code, message, hint } = failure;
    if (json === true) printJson({ error: { code, message } });
    else console.error(`error: ${message}${hint}`);
    process.exitCode = failure.exitCode;
  }
}

interface Failure {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly exitCode: number;
}

/** Undefined for what is a mistake of ours. */
function toFailure(error: unknown): Failure | undefined {
  if (error instanceof NotSoError) return { code: "NOT_SO", message: error.message, hint: "", exitCode: exitCode.refused };
  if (!(error instanceof CallError)) return undefined;
  const { code, message, refused } = error;
  return { code, message, hint: hintOf(error), exitCode: refused ? exitCode.refused : exitCode.unanswered };
}

function hintOf({ call, code }: CallError): string {
  // People know agents by their hostnames.
  if (code === "NOT_FOUND" && call.includes("Agent")) return "\nGive the id of an agent; `tepui agent list` shows it.";
  if (code === "NOT_FOUND" && call === "KillTask")
    return "\n`tepui task list --all` shows the tasks that run and the last ones that ended.";
  if (code === "NOT_FOUND" && call === "Teardown") return "\nGive the id of a framework; `tepui framework list` shows it.";
  return code === "UNAVAILABLE" ? `\nIs it the right master? --master HOST:PORT or ${masterVariable} names another one.` : "";
}

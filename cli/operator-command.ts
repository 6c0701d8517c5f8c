/** What the commands for operators have in common: which master they ask, how they answer, and what a refusal looks like. */

import { type Command, InvalidArgumentError, Option } from "commander";
import { CallError } from "../client/call-error.ts";
import { OperatorClient } from "../client/operator-client.ts";
import { parseAddress } from "../runtime/address.ts";

/** Where `tepui up` has its master. */
const defaultMasters: readonly string[] = ["127.0.0.1:6050"];

export const masterVariable = "TEPUI_MASTER";

/** A mistake of the operator, or a refusal. */
const failureExitCode = 2;

export interface OperatorOptions {
  readonly master: readonly string[];
  readonly json?: boolean;
}

export function withOperatorOptions(command: Command): Command {
  const masters = new Option("--master <addresses>", "a master as host:port, or several with commas").env(masterVariable);
  masters.argParser(parseMasters).default(defaultMasters, defaultMasters.join(","));
  return command.addOption(masters).option("--json", "answer as JSON");
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
  try {
    await use(operator);
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    if (options.json === true) console.log(JSON.stringify({ error: { code: error.code, message: error.message } }));
    else console.error(`error: ${error.message}${hint(error)}`);
    process.exitCode = failureExitCode;
  }
}

function hint({ call, code }: CallError): string {
  // People know agents by their hostnames.
  if (code === "NOT_FOUND" && call.includes("Agent")) return "\nGive the id of an agent; `tepui agent list` shows it.";
  return code === "UNAVAILABLE" ? `\nIs it the right master? --master HOST:PORT or ${masterVariable} names another one.` : "";
}

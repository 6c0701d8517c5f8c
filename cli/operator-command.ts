/** What the commands for operators have in common: which master they ask, how they answer, and what a refusal looks like. */

import { type Command, Option } from "commander";
import { CallError } from "../client/call-error.ts";
import { OperatorClient } from "../client/operator-client.ts";

/** Where `tepui up` has its master. */
const defaultMaster = "127.0.0.1:6050";

export const masterVariable = "TEPUI_MASTER";

/** A mistake of the operator, or a refusal. */
const failureExitCode = 2;

export interface OperatorOptions {
  readonly master: string;
  readonly json?: boolean;
}

export function withOperatorOptions(command: Command): Command {
  const masters = new Option("--master <addresses>", "a master as host:port, or several with commas").env(masterVariable);
  return command.addOption(masters.default(defaultMaster)).option("--json", "answer as JSON");
}

/** Does something with the leading master. A refusal is printed and sets the exit code. */
export async function withOperator(options: OperatorOptions, use: (operator: OperatorClient) => Promise<void>): Promise<void> {
  using operator = new OperatorClient({ masters: options.master.split(",").map((address) => address.trim()) });
  try {
    await use(operator);
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    if (options.json === true) console.log(JSON.stringify({ error: { code: error.code, message: error.message } }));
    else console.error(`error: ${error.message}${hint(error)}`);
    process.exitCode = failureExitCode;
  }
}

function hint({ code }: CallError): string {
  return code === "UNAVAILABLE" ? `\nIs it the right master? --master HOST:PORT or ${masterVariable} names another one.` : "";
}

/** `tepui quota`: what roles are guaranteed, and what they may have at most. */

import { Command, InvalidArgumentError } from "commander";
import { splitPairs } from "../common/value-text.ts";
import { RoleUsage, type RoleUse } from "../protos/gen/tepui/v1/roles.ts";
import { exitForUsage } from "../runtime/flags.ts";
import { withExamples } from "./examples.ts";
import { type OperatorOptions, sayDone, withOperator, withOperatorOptions } from "./operator-command.ts";
import { printJson, printTable } from "./print.ts";

/** By name of scalar. */
type Amounts = Readonly<Record<string, number>>;

export function quotaCommand(): Command {
  const list = withOperatorOptions(new Command("list").description("Lists the quotas, and what counts for them now.")).action(listQuotas);
  const set = withOperatorOptions(new Command("set").description("Sets the quota of a role, instead of the one that it has."))
    .argument("<role>", "a top-level role; it is also for the roles below it")
    .option("--guarantee <amounts>", 'what it gets in any case, like "cpus:4,mem:8192" (default: nothing)', parseAmounts)
    .option("--limit <amounts>", "what it may have at most; 0 allows nothing of a name (default: any amount)", parseAmounts)
    .option("--force", "even if the cluster has less than is guaranteed, or the role uses more than its limit")
    .action(setQuota);
  const remove = withOperatorOptions(new Command("remove").description("Ends the quota of a role."))
    .argument("<role>", "a top-level role")
    .action(removeQuota);
  return new Command("quota")
    .description("What roles are guaranteed, and what they may have at most.")
    .addCommand(withExamples(list, ["quota list"]))
    .addCommand(withExamples(set, ["quota set eng --guarantee cpus:4,mem:8192 --limit cpus:16", "quota set guests --limit cpus:8,gpus:0"]))
    .addCommand(withExamples(remove, ["quota remove eng"]));
}

function parseAmounts(text: string): Amounts {
  const pairs = splitPairs(text.replaceAll(",", ";"));
  if (!pairs.ok) throw new InvalidArgumentError(`${pairs.refusal.message}.`);
  const amounts = new Map<string, number>();
  for (const { name, value } of pairs.value) {
    const amount = value === "" ? Number.NaN : Number(value);
    if (!(amount >= 0)) throw new InvalidArgumentError(`${name} must be a number from 0, is "${value}".`);
    if (amounts.has(name)) throw new InvalidArgumentError(`${name} must be there once.`);
    amounts.set(name, amount);
  }
  return Object.fromEntries(amounts);
}

interface SetOptions extends OperatorOptions {
  readonly guarantee?: Amounts;
  readonly limit?: Amounts;
  readonly force?: boolean;
}

async function setQuota(role: string, { guarantee = {}, limit = {}, force = false, ...options }: SetOptions): Promise<void> {
  if (Object.keys(guarantee).length + Object.keys(limit).length === 0) {
    exitForUsage("option '--guarantee' or '--limit' is required; `tepui quota remove` ends a quota");
  }
  await withOperator(options, async (operator) => {
    await operator.updateQuota([{ role, guarantees: guarantee, limits: limit }], { force });
    sayDone(options, { role, ok: true }, `role ${role} has its quota`);
  });
}

async function removeQuota(role: string, options: OperatorOptions): Promise<void> {
  await withOperator(options, async (operator) => {
    await operator.removeQuota(role);
    sayDone(options, { role, ok: true }, `role ${role} has no quota any more`);
  });
}

async function listQuotas(options: OperatorOptions): Promise<void> {
  await withOperator(options, async (operator) => {
    const usage = await operator.getRoleUsage();
    const roles = usage.roles.filter(({ quota }) => quota !== undefined);
    if (options.json === true) printJson(RoleUsage.toJSON({ roles }));
    else if (roles.length === 0) console.log("no role has a quota");
    else printTable([["ROLE", "OF", "GUARANTEED", "CONSUMED", "LIMIT"], ...roles.flatMap(toRows)], ["ROLE"]);
  });
}

/** A row for each name that the quota is about. */
function toRows({ name: role = "", quota, consumed }: RoleUse): string[][] {
  const { guarantees = {}, limits = {} } = quota ?? {};
  const names = [...new Set([...Object.keys(guarantees), ...Object.keys(limits)])].sort();
  const text = (amounts: RoleUse["consumed"], name: string, none: string): string => String(amounts[name]?.value ?? none);
  return names.map((name, index) => [
    index === 0 ? role : "",
    name,
    text(guarantees, name, "-"),
    text(consumed, name, "0"),
    text(limits, name, "-"),
  ]);
}

/** `tepui role`: the roles of the cluster with what they have, and their weights. */

import { Command, InvalidArgumentError } from "commander";
import { RoleUsage, type RoleUse } from "../protos/gen/tepui/v1/roles.ts";
import { resourcesText } from "./cluster-words.ts";
import { withExamples } from "./examples.ts";
import { type OperatorOptions, sayDone, withOperator, withOperatorOptions } from "./operator-command.ts";
import { printJson, printTable } from "./print.ts";

export function roleCommand(): Command {
  const list = withOperatorOptions(new Command("list").description("Lists the roles, each with what the roles below it have, too.")).action(
    listRoles,
  );
  const weight = withOperatorOptions(
    new Command("weight").description("Weighs a role: of weight 2, its fair share is twice that of others."),
  )
    .argument("<role>")
    .argument("<weight>", "more than 0; 1 is that of a role without a weight", parseWeight)
    .action(weighRole);
  return new Command("role")
    .description("The roles of the cluster, what they have, and their weights.")
    .addCommand(withExamples(list, ["role list", "role list --json"]))
    .addCommand(withExamples(weight, ["role weight eng 2", "role weight eng/ads 0.5"]));
}

function parseWeight(text: string): number {
  const weight = text.trim() === "" ? Number.NaN : Number(text);
  if (!(weight > 0 && Number.isFinite(weight))) throw new InvalidArgumentError(`must be a number above 0, is "${text}".`);
  return weight;
}

async function weighRole(role: string, weight: number, options: OperatorOptions): Promise<void> {
  await withOperator(options, async (operator) => {
    await operator.updateWeights([{ role, weight }]);
    sayDone(options, { role, weight, ok: true }, `role ${role} has weight ${weight}`);
  });
}

async function listRoles(options: OperatorOptions): Promise<void> {
  await withOperator(options, async (operator) => {
    const usage = await operator.getRoleUsage();
    if (options.json === true) printJson(RoleUsage.toJSON(usage));
    else printTable([["ROLE", "WEIGHT", "FRAMEWORKS", "HELD", "OFFERED", "RESERVED"], ...usage.roles.map(toRow)], ["RESERVED", "ROLE"]);
  });
}

function toRow({ name = "", weight = 1, frameworks, allocated, offered, reserved }: RoleUse): string[] {
  return [name, String(weight), String(frameworks.length), ...[allocated, offered, reserved].map((part) => resourcesText(part) || "-")];
}

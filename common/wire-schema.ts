/** The schema of messages in the form that the wire check walks: fields found by number, required ones as bits. */

import { assert, assertDefined } from "./assert.ts";

/** Rows as scripts/gen-schema.ts writes them. */
export interface SchemaRows {
  readonly messageRows: readonly { readonly name: string; readonly fields: readonly FieldRow[] }[];
  readonly enumRows: readonly { readonly name: string; readonly values: readonly number[] }[];
}

interface FieldRow {
  readonly number: number;
  readonly name: string;
  readonly label: "optional" | "required" | "repeated";
  readonly type: string;
  readonly typeName?: string;
}

export interface FieldPlan {
  readonly number: number;
  readonly name: string;
  readonly isRepeated: boolean;
  /** A bit of its own when the field is required, else 0. */
  readonly requiredBit: number;
  readonly wireType: number;
  readonly isText: boolean;
  /** Full name of the message or enum, or the name of the plain type. */
  readonly typeName: string;
  readonly enumValues: ReadonlySet<number> | undefined;
  readonly message: MessagePlan | undefined;
}

export interface MessagePlan {
  readonly name: string;
  /** By field number. */
  readonly fields: readonly (FieldPlan | undefined)[];
  readonly requiredBits: number;
}

/** By full name. */
export type WireSchema = ReadonlyMap<string, MessagePlan>;

/** Bits of a bitwise operand. */
const requiredFieldsMax = 31;

const wireTypes: ReadonlyMap<string, number> = new Map([
  ...["int32", "int64", "uint32", "uint64", "sint32", "sint64", "bool", "enum"].map((type) => [type, 0] as const),
  ...["fixed64", "sfixed64", "double"].map((type) => [type, 1] as const),
  ...["string", "bytes", "message"].map((type) => [type, 2] as const),
  ...["fixed32", "sfixed32", "float"].map((type) => [type, 5] as const),
]);

/** Links the rows of messages and enums to each other. */
export function createWireSchema({ messageRows, enumRows }: SchemaRows): WireSchema {
  const enums = new Map(enumRows.map(({ name, values }) => [name, new Set(values)]));
  const plans = new Map(messageRows.map(({ name }) => [name, { name, fields: [] as (FieldPlan | undefined)[], requiredBits: 0 }]));
  for (const { name, fields } of messageRows) {
    const plan = assertDefined(plans.get(name), name);
    // Filled without holes: an engine keeps such an array in its fast form.
    const largest = fields.reduce((number, field) => Math.max(number, field.number), 0);
    plan.fields = new Array<FieldPlan | undefined>(largest + 1).fill(undefined);
    let requiredCount = 0;
    for (const row of fields) {
      const requiredBit = row.label === "required" ? 1 << requiredCount++ : 0;
      plan.requiredBits |= requiredBit;
      plan.fields[row.number] = {
        number: row.number,
        name: row.name,
        isRepeated: row.label === "repeated",
        requiredBit,
        wireType: assertDefined(wireTypes.get(row.type), `wire type of ${name}.${row.name}`),
        isText: row.type === "string",
        typeName: row.typeName ?? row.type,
        enumValues: row.type === "enum" ? assertDefined(enums.get(row.typeName ?? ""), `enum of ${name}.${row.name}`) : undefined,
        message: row.type === "message" ? assertDefined(plans.get(row.typeName ?? ""), `message of ${name}.${row.name}`) : undefined,
      };
    }
    assert(requiredCount <= requiredFieldsMax, `${name} has ${requiredCount} required fields, at most ${requiredFieldsMax} fit`);
  }
  return plans;
}

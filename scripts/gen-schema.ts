/**
 * Writes protos/gen/schema.ts: for each message its fields with number, label, type and the values of enums, as a compact table.
 * common/wire-check.ts walks received bytes along it and refuses what the contract does not allow before any decoder sees it.
 */

import { readFileSync, writeFileSync } from "node:fs";

interface FieldDescriptor {
  readonly name: string;
  readonly number: number;
  readonly label: "LABEL_OPTIONAL" | "LABEL_REQUIRED" | "LABEL_REPEATED";
  readonly type: string;
  readonly typeName?: string;
}

interface EnumDescriptor {
  readonly name: string;
  readonly value: readonly { readonly name: string; readonly number?: number }[];
}

interface MessageDescriptor {
  readonly name: string;
  readonly field?: readonly FieldDescriptor[];
  readonly nestedType?: readonly MessageDescriptor[];
  readonly enumType?: readonly EnumDescriptor[];
}

interface FileDescriptor {
  readonly package: string;
  readonly messageType?: readonly MessageDescriptor[];
  readonly enumType?: readonly EnumDescriptor[];
}

const header = `/** Generated from the .proto files by scripts/gen-schema.ts; do not edit. */

export interface FieldRow {
  readonly number: number;
  readonly name: string;
  readonly label: "optional" | "required" | "repeated";
  /** Lower-case name of the protobuf type: "int32", "string", "message", "enum", ... */
  readonly type: string;
  /** Full name of the message or enum, if it is one. */
  readonly typeName?: string;
}

export interface MessageRow {
  readonly name: string;
  readonly fields: readonly FieldRow[];
}

export interface EnumRow {
  readonly name: string;
  readonly values: readonly number[];
}
`;

/** Writes the table for the descriptors that `buf build` printed as JSON. */
export function writeSchema({ descriptorsJson, schemaFile }: { readonly descriptorsJson: string; readonly schemaFile: string }): void {
  const { file: files } = JSON.parse(readFileSync(descriptorsJson, "utf8")) as { readonly file: readonly FileDescriptor[] };
  const messages: string[] = [];
  const enums: string[] = [];
  const addEnums = (scope: string, list: readonly EnumDescriptor[] = []): void => {
    for (const { name, value } of list) {
      enums.push(`  ${JSON.stringify({ name: `${scope}.${name}`, values: value.map((item) => item.number ?? 0) })},`);
    }
  };
  const addMessages = (scope: string, list: readonly MessageDescriptor[] = []): void => {
    for (const message of list) {
      const name = `${scope}.${message.name}`;
      messages.push(`  ${JSON.stringify({ name, fields: (message.field ?? []).map(toRow) })},`);
      addEnums(name, message.enumType);
      addMessages(name, message.nestedType);
    }
  };
  for (const file of files) {
    addEnums(file.package, file.enumType);
    addMessages(file.package, file.messageType);
  }
  const tables = [
    `export const messageRows: readonly MessageRow[] = [\n${messages.join("\n")}\n];`,
    `export const enumRows: readonly EnumRow[] = [\n${enums.join("\n")}\n];`,
  ];
  writeFileSync(schemaFile, `${header}\n${tables.join("\n\n")}\n`);
}

function toRow({ number, name, label, type, typeName }: FieldDescriptor): unknown {
  return {
    number,
    name,
    label: label.replace("LABEL_", "").toLowerCase(),
    type: type.replace("TYPE_", "").toLowerCase(),
    // Descriptors write full names with a leading dot.
    typeName: typeName?.slice(1),
  };
}

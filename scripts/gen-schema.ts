/**
 * Writes protos/gen/schema.ts: for each message its fields with number, label, type and the values of enums, as a compact table.
 * common/wire-check.ts walks received bytes along it and refuses what the contract does not allow before any decoder sees it.
 */

import {
  type DescriptorProto,
  type EnumDescriptorProto,
  type FieldDescriptorProto,
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  type FileDescriptorProto,
} from "@bufbuild/protobuf/wkt";

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

/** The text of the table for these files. */
export function writeSchema(files: readonly FileDescriptorProto[]): string {
  const messages: string[] = [];
  const enums: string[] = [];
  const addEnums = (scope: string, list: readonly EnumDescriptorProto[]): void => {
    for (const { name, value } of list) {
      enums.push(`  ${JSON.stringify({ name: `${scope}.${name}`, values: value.map((item) => item.number) })},`);
    }
  };
  const addMessages = (scope: string, list: readonly DescriptorProto[]): void => {
    for (const message of list) {
      const name = `${scope}.${message.name}`;
      messages.push(`  ${JSON.stringify({ name, fields: message.field.map(toRow) })},`);
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
  return `${header}\n${tables.join("\n\n")}\n`;
}

function toRow({ number, name, label, type, typeName }: FieldDescriptorProto): unknown {
  return {
    number,
    name,
    label: FieldDescriptorProto_Label[label].toLowerCase(),
    type: FieldDescriptorProto_Type[type].toLowerCase(),
    // Descriptors write full names with a leading dot.
    typeName: typeName === "" ? undefined : typeName.slice(1),
  };
}

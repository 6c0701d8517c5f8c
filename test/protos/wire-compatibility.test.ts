// Holds the compiled mesos.v1 descriptors against the reference table in test/fixtures: every message, field and enum of Mesos v1
// exists with the same number, name, label, type and default, and nothing else does. Code generated from Mesos's own protos in any
// language can talk to tepui only as long as this holds.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** number, name, label, type (full name without the leading dot), default if there is one */
type FieldRow = readonly [number, string, string, string] | readonly [number, string, string, string, string];
type Entry = { readonly fields: readonly FieldRow[] } | { readonly values: Readonly<Record<string, number>> };

interface FieldJson {
  readonly name: string;
  readonly number: number;
  readonly label: string;
  readonly type: string;
  readonly typeName?: string;
  readonly defaultValue?: string;
}
interface EnumJson {
  readonly name: string;
  readonly value: readonly { readonly name: string; readonly number?: number }[];
}
interface MessageJson {
  readonly name: string;
  readonly field?: readonly FieldJson[];
  readonly nestedType?: readonly MessageJson[];
  readonly enumType?: readonly EnumJson[];
}
interface ImageJson {
  readonly file: readonly {
    readonly package: string;
    readonly messageType?: readonly MessageJson[];
    readonly enumType?: readonly EnumJson[];
  }[];
}

const BUF = "node_modules/@bufbuild/buf/bin/buf";

function compiledEntries(): Map<string, Entry> {
  const json = execFileSync(process.execPath, [BUF, "build", "--exclude-source-info", "-o", "-#format=json"], {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  const image: ImageJson = JSON.parse(json);
  const entries = new Map<string, Entry>();
  for (const file of image.file) {
    if (file.package !== "mesos.v1" && !file.package.startsWith("mesos.v1.")) continue;
    for (const message of file.messageType ?? []) addMessage(entries, file.package, message);
    for (const enumeration of file.enumType ?? []) addEnum(entries, file.package, enumeration);
  }
  return entries;
}

function addMessage(entries: Map<string, Entry>, scope: string, message: MessageJson): void {
  const name = `${scope}.${message.name}`;
  entries.set(name, { fields: (message.field ?? []).map(toRow).sort(byNumber) });
  for (const nested of message.nestedType ?? []) addMessage(entries, name, nested);
  for (const enumeration of message.enumType ?? []) addEnum(entries, name, enumeration);
}

function addEnum(entries: Map<string, Entry>, scope: string, enumeration: EnumJson): void {
  const values = Object.fromEntries(enumeration.value.map((value) => [value.name, value.number ?? 0]));
  entries.set(`${scope}.${enumeration.name}`, { values });
}

function toRow(field: FieldJson): FieldRow {
  const label = field.label.replace("LABEL_", "").toLowerCase();
  const type = field.typeName === undefined ? field.type.replace("TYPE_", "").toLowerCase() : field.typeName.slice(1);
  return field.defaultValue === undefined
    ? [field.number, field.name, label, type]
    : [field.number, field.name, label, type, field.defaultValue];
}

function byNumber(left: FieldRow, right: FieldRow): number {
  return left[0] - right[0];
}

function referenceEntries(): Map<string, Entry> {
  const table: Record<string, Entry> = JSON.parse(readFileSync("test/fixtures/mesos-v1-wire.json", "utf8"));
  return new Map(Object.entries(table).map(([name, entry]) => [name, normal(entry)]));
}

function normal(entry: Entry): Entry {
  return "fields" in entry ? { fields: [...entry.fields].sort(byNumber) } : entry;
}

/** What of `name` differs, one line each: what the reference says against what was compiled. */
function differences(name: string, wanted: Entry, found: Entry | undefined): string[] {
  const wantedRows = toLines(wanted);
  const foundRows = found === undefined ? [] : toLines(found);
  return [
    ...wantedRows.filter((row) => !foundRows.includes(row)).map((row) => `${name}: missing or changed ${row}`),
    ...foundRows.filter((row) => !wantedRows.includes(row)).map((row) => `${name}: not in Mesos v1 ${row}`),
  ];
}

function toLines(entry: Entry): string[] {
  const rows = "fields" in entry ? entry.fields : Object.entries(entry.values);
  return rows.map((row) => JSON.stringify(row));
}

describe("the compiled mesos.v1 descriptors", () => {
  const compiled = compiledEntries();
  const reference = referenceEntries();

  it("have every message and enum of Mesos v1, and no other", () => {
    assert.ok(reference.size > 400, `the fixture lists only ${reference.size} messages and enums`);
    assert.deepEqual([...compiled.keys()].sort(), [...reference.keys()].sort());
  });

  it("agree in number, name, label, type and default of each field, and in each enum value", () => {
    const found = [...reference].flatMap(([name, entry]) => differences(name, entry, compiled.get(name)));
    assert.deepEqual(found, []);
  });

  it("would be caught with a changed default, a renamed field, a new field or a missing enum value", () => {
    const filters = reference.get("mesos.v1.Filters");
    assert.ok(filters !== undefined && "fields" in filters);
    const changed: Entry[] = [
      { fields: [[1, "refuse_seconds", "optional", "double", "6"]] },
      { fields: [[1, "refuse_secs", "optional", "double", "5"]] },
      { fields: [...filters.fields, [2, "extra", "optional", "string"]] },
    ];
    for (const entry of changed) assert.notDeepEqual(differences("mesos.v1.Filters", filters, entry), []);
    assert.deepEqual(differences("mesos.v1.E", { values: { A: 0, B: 1 } }, { values: { A: 0 } }), [
      'mesos.v1.E: missing or changed ["B",1]',
    ]);
  });
});

/** What commands write to stdout: tables that fit a terminal, details, and JSON for programs. */

import { type Cell, formatDetails, formatTable } from "../common/format-table.ts";
import { paint, terminalWidth } from "./terminal.ts";

/** The first row is the header. `shorten`: headers of the columns that a narrow terminal shortens first. */
export function printTable(rows: readonly (readonly Cell[])[], shorten: readonly string[] = []): void {
  const [header = [], ...others] = rows;
  const boldHeader = header.map((cell): Cell => (typeof cell === "string" ? { text: cell, style: "bold" } : cell));
  console.log(formatTable([boldHeader, ...others], { widthMax: terminalWidth(), shorten, paint }));
}

export function printDetails(entries: readonly (readonly [name: string, value: Cell | undefined])[]): void {
  console.log(formatDetails(entries, { paint }));
}

/** One line, so that a program reads it as it comes. */
export function printJson(value: unknown): void {
  console.log(JSON.stringify(value));
}

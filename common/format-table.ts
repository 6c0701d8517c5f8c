/** Rows of text as columns, no wider than they have to be, and no wider than the terminal: what is longer is shortened, never wrapped. */

/** How a cell looks, where the reader has colours. */
export type Style = "bold" | "dim" | "green" | "red" | "yellow";

export type Cell = string | { readonly text: string; readonly style: Style };

export interface TableOptions {
  /** Columns of the terminal; without it nothing is shortened. */
  readonly widthMax?: number | undefined;
  /** Headers of the columns that are shortened first, the least important one first; then the widest ones. */
  readonly shorten?: readonly string[];
  readonly paint?: (style: Style, text: string) => string;
}

const gap = "  ";

/** A column is not made narrower than this, or than its header if that is short: what is left would say nothing. */
const columnWidthMin = 6;
const headerKeptMax = 8;

/** The first row is the header. Cells of a column are padded to its widest one. */
export function formatTable(rows: readonly (readonly Cell[])[], options: TableOptions = {}): string {
  const { widthMax = Number.POSITIVE_INFINITY, shorten = [], paint = (_style, text) => text } = options;
  const widths: number[] = [];
  for (const row of rows) for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, lengthOf(cell));
  const headers = (rows[0] ?? []).map(textOf);
  const widthMins = headers.map((header) => Math.max(columnWidthMin, Math.min(header.length, headerKeptMax)));
  shrink({ widths, widthMins, widthMax }, [...shorten.map((header) => headers.indexOf(header)).filter((column) => column >= 0)]);
  const lines = rows.map((row) => row.map((cell, column) => write(cell, widths[column] ?? 0, column === row.length - 1, paint)));
  return lines.map((cells) => cells.join(gap).trimEnd()).join("\n");
}

/** Lines of "name: value", the values below each other. Entries without a value are left out. */
export function formatDetails(entries: readonly (readonly [name: string, value: Cell | undefined])[], options: TableOptions = {}): string {
  const rows = entries.flatMap(([name, value]): Cell[][] => (value === undefined || textOf(value) === "" ? [] : [[`${name}:`, value]]));
  return formatTable(rows, options);
}

/** Text of others, such as a task's name, may hold anything: what would move the cursor or colour the screen is made visible. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about.
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, "\ufffd");
}

/** An id keeps both its ends, which tell it from others; a sentence keeps its beginning. */
export function shortened(text: string, width: number): string {
  if (text.length <= width) return text;
  if (text.includes(" ")) return `${text.slice(0, width - 1)}…`;
  const front = Math.floor((width - 1) / 2);
  return `${text.slice(0, front)}…${text.slice(text.length - (width - 1 - front))}`;
}

interface Fit {
  readonly widths: number[];
  readonly widthMins: readonly number[];
  readonly widthMax: number;
}

function shrink({ widths, widthMins, widthMax }: Fit, firstColumns: readonly number[]): void {
  let excess = widths.reduce((sum, width) => sum + width, gap.length * (widths.length - 1)) - widthMax;
  const spareOf = (column: number): number => Math.max(0, (widths[column] ?? 0) - (widthMins[column] ?? columnWidthMin));
  const take = (column: number, count: number): void => {
    widths[column] = (widths[column] ?? 0) - count;
    excess -= count;
  };
  for (const column of firstColumns) if (excess > 0) take(column, Math.min(excess, spareOf(column)));
  while (excess > 0) {
    const spares = widths.map((_width, column) => spareOf(column));
    const widest = spares.indexOf(Math.max(...spares));
    if (spares[widest] === 0) return;
    take(widest, 1);
  }
}

function write(cell: Cell, width: number, isLast: boolean, paint: (style: Style, text: string) => string): string {
  const text = shortened(textOf(cell), width);
  const padding = isLast ? "" : " ".repeat(width - text.length);
  return `${typeof cell === "string" ? text : paint(cell.style, text)}${padding}`;
}

function textOf(cell: Cell): string {
  return printable(typeof cell === "string" ? cell : cell.text);
}

function lengthOf(cell: Cell): number {
  return textOf(cell).length;
}

/** Lines on a terminal that are drawn again in place, as long as somebody watches. */

export interface Screen {
  /** Unknown when absent: then nothing is cut. */
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

const hideCursor = "\u001b[?25l";
const showCursor = "\u001b[?25h";
const clearBelow = "\u001b[0J";

export class LiveView {
  readonly #screen: Screen;
  #drawn: readonly string[] = [];
  #isOpen = false;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  /** Replaces what was drawn before. What does not fit the terminal is cut, and said so. */
  draw(lines: readonly string[]): void {
    const { columns = Number.POSITIVE_INFINITY, rows = Number.POSITIVE_INFINITY } = this.#screen;
    const visible = limitRows(lines, rows).map((line) => (line.length > columns ? `${line.slice(0, columns - 1)}…` : line));
    // A terminal that was made narrower has wrapped what was drawn.
    const above = this.#drawn.reduce((count, line) => count + Math.max(1, Math.ceil(line.length / columns)), 0);
    const back = above === 0 ? "" : `\u001b[${above}A\r${clearBelow}`;
    this.#screen.write(`${this.#isOpen ? "" : hideCursor}${back}${visible.map((line) => `${line}\n`).join("")}`);
    this.#isOpen = true;
    this.#drawn = visible;
  }

  /** Leaves what was drawn last, and gives the cursor back. */
  close(): void {
    if (this.#isOpen) this.#screen.write(showCursor);
    this.#isOpen = false;
  }
}

/** The cursor needs a row, too. */
function limitRows(lines: readonly string[], rows: number): readonly string[] {
  if (lines.length < rows) return lines;
  const shownCount = Math.max(0, rows - 2);
  return [...lines.slice(0, shownCount), `… and ${lines.length - shownCount} more lines`];
}

/** What a terminal shows after a view was drawn again and again, by a small terminal of our own. */

import assert from "node:assert/strict";
import { LiveView } from "../../cli/live-view.ts";

/** Understands lines, "cursor up", "clear below" and the cursor's visibility, and wraps what is too long. */
class Terminal {
  columns = 40;
  rows = 10;
  readonly lines: string[] = [];
  hasCursor = true;

  write(text: string): void {
    const [plain = "", ...sequences] = text.split("\u001b[");
    this.#print(plain);
    for (const sequence of sequences) {
      const [code = "", count, command] = /^\??(\d*)([A-Za-z])/.exec(sequence) ?? [];
      if (command === "A") this.#row -= Number(count);
      else if (command === "J") this.lines.splice(this.#row);
      else this.hasCursor = command === "h";
      this.#print(sequence.slice(code.length).replace(/^\r/, ""));
    }
  }

  #row = 0;

  #print(text: string): void {
    for (const line of text.split("\n").slice(0, -1)) {
      const rows = line === "" ? [""] : (line.match(new RegExp(`.{1,${this.columns}}`, "gu")) ?? []);
      for (const row of rows) this.lines[this.#row++] = row;
    }
  }
}

describe("a live view", () => {
  it("replaces what it drew before, whether it is more or less, and leaves what was there above it", () => {
    const terminal = new Terminal();
    terminal.write("$ tepui\n");
    const view = new LiveView(terminal);
    view.draw(["one", "two", "three"]);
    assert.equal(terminal.hasCursor, false);
    view.draw(["one"]);
    assert.deepEqual(terminal.lines, ["$ tepui", "one"]);
    view.draw(["un", "deux", ""]);
    view.close();
    assert.deepEqual([terminal.lines, terminal.hasCursor], [["$ tepui", "un", "deux", ""], true]);
  });

  it("cuts what is wider or higher than the terminal", () => {
    const terminal = new Terminal();
    terminal.columns = 8;
    terminal.rows = 4;
    const view = new LiveView(terminal);
    view.draw(["a line that is long", "b", "c"]);
    assert.deepEqual(terminal.lines, ["a line …", "b", "c"]);
    terminal.columns = 20;
    view.draw(["1", "2", "3", "4", "5"]);
    assert.deepEqual(terminal.lines, ["1", "2", "… and 3 more lines"]);
  });

  it("finds its place when the terminal was made narrower", () => {
    const terminal = new Terminal();
    const view = new LiveView(terminal);
    view.draw(["x".repeat(30), "y"]);
    terminal.columns = 20;
    terminal.lines.splice(0, 2);
    terminal.write("\u001b[2A");
    terminal.write(`${"x".repeat(30)}\ny\n`);
    view.draw(["z"]);
    assert.deepEqual(terminal.lines, ["z"]);
  });

  it("shows the cursor again only if it hid it", () => {
    const terminal = new Terminal();
    terminal.hasCursor = false;
    new LiveView(terminal).close();
    assert.equal(terminal.hasCursor, false);
  });
});

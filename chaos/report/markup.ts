/** Small pieces of HTML. Peers write into reports what they like, so all text is escaped here. */

export function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

/** A table of plain text; without headings when there are none. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const head = headings.length === 0 ? "" : `<tr>${headings.map((heading) => `<th>${escapeHtml(heading)}</th>`).join("")}</tr>`;
  const body = rows.map((cells) => `<tr>${cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join("")}</tr>`);
  return `<table>${head}${body.join("\n")}</table>`;
}

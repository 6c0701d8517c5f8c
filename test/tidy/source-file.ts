// Reads a source file the way the tidy rules need it: the text, the code with everything inside comments, strings and regular expressions
// blanked out (same length, same lines), and what it imports. A scanner of one page does, since the formatter has normalised the code.
import { dirname, join, normalize } from "node:path";

export interface Import {
  /** As written. */
  readonly specifier: string;
  /** Path from the root of the repository; undefined for packages and built-in modules. */
  readonly target: string | undefined;
  readonly typeOnly: boolean;
  readonly line: number;
}

export interface SourceFile {
  /** Path from the root of the repository. */
  readonly path: string;
  readonly text: string;
  readonly code: string;
  readonly imports: readonly Import[];
}

export function parseSource(path: string, text: string): SourceFile {
  const code = blankLiterals(text);
  return { path, text, code, imports: findImports(path, text, code) };
}

/** The line, counted from 1, that a position is on. */
export function lineAt(text: string, position: number): number {
  return text.slice(0, position).split("\n").length;
}

/** All strings of a file that stand between plain quotes, for files that are named by path and not imported. */
export function stringLiterals(file: SourceFile): string[] {
  return [...file.code.matchAll(/(["'])( *)\1/g)].map((match) =>
    file.text.slice(match.index + 1, match.index + 1 + (match[2] ?? "").length),
  );
}

/** `import … from`, `export … from`, the bare `import "…"` and `import("…")` for values and for types. */
const importForms = [
  /(?:^|\n)(?:import|export)\b(?<clause>[^;"'(=]*?)\bfrom\s*(?<quoted>["'] *["'])/g,
  /(?:^|\n)import\s*(?<clause>)(?<quoted>["'] *["'])/g,
  /\bawait import\(\s*(?<clause>)(?<quoted>["'] *["'])/g,
  // Not awaited, it names a type in place.
  /(?<!\bawait )\b(?<clause>import)\(\s*(?<quoted>["'] *["'])/g,
];

function findImports(path: string, text: string, code: string): Import[] {
  return importForms.flatMap((form) =>
    [...code.matchAll(form)].map((match) => {
      const { clause = "", quoted = "" } = match.groups ?? {};
      const end = match.index + match[0].length - 1;
      const specifier = text.slice(end - quoted.length + 2, end);
      const target = specifier.startsWith(".") ? normalize(join(dirname(path), specifier)) : undefined;
      return { specifier, target, typeOnly: isTypeOnly(clause), line: lineAt(text, end) };
    }),
  );
}

function isTypeOnly(clause: string): boolean {
  if (/^\s+type\b/.test(clause) || clause === "import") return true;
  const names = /\{([^}]*)\}/.exec(clause)?.[1];
  if (names === undefined) return false;
  const list = names.split(",").filter((name) => name.trim() !== "");
  return list.length > 0 && list.every((name) => name.trim().startsWith("type "));
}

/** Words after which a slash begins a regular expression and does not divide. */
const wordsBeforeRegex = new Set([
  "return",
  "typeof",
  "case",
  "in",
  "of",
  "delete",
  "void",
  "throw",
  "new",
  "else",
  "do",
  "yield",
  "await",
]);

/** Blanks comments, and what is inside strings, templates and regular expressions; the quotes themselves stay. */
export function blankLiterals(text: string): string {
  const out: string[] = [];
  /** For each template that is open: how many braces are open inside its current `${}`. */
  const templates: number[] = [];
  let position = 0;
  const blankTo = (end: number): void => {
    for (; position < end; position += 1) out.push(text[position] === "\n" ? "\n" : " ");
  };
  const keep = (): void => {
    out.push(text[position] ?? "");
    position += 1;
  };
  /** After the opening backtick or the brace that closes a `${}`: up to the end of the template or the next `${`. */
  const template = (): void => {
    const end = endOfTemplatePart(text, position);
    blankTo(end);
    if (text[end] === "`") keep();
    else if (end < text.length) {
      blankTo(end + 2);
      templates.push(0);
    }
  };
  while (position < text.length) {
    const char = text[position] ?? "";
    const openBraces = templates.at(-1);
    if (text.startsWith("//", position)) blankTo(endOf(text, "\n", position));
    else if (text.startsWith("/*", position)) blankTo(endOf(text, "*/", position) + 2);
    else if (char === '"' || char === "'") {
      keep();
      blankTo(endOfQuoted(text, position, char));
      keep();
    } else if (char === "`") {
      keep();
      template();
    } else if (openBraces !== undefined && char === "}" && openBraces === 0) {
      templates.pop();
      blankTo(position + 1);
      template();
    } else if (char === "/" && beginsRegex(out)) blankTo(endOfRegex(text, position));
    else {
      if (openBraces !== undefined && char === "{") templates[templates.length - 1] = openBraces + 1;
      if (openBraces !== undefined && char === "}") templates[templates.length - 1] = openBraces - 1;
      keep();
    }
  }
  return out.join("");
}

function endOf(text: string, mark: string, position: number): number {
  const end = text.indexOf(mark, position);
  return end === -1 ? text.length : end;
}

function endOfQuoted(text: string, position: number, quote: string): number {
  let end = position;
  while (end < text.length && text[end] !== quote && text[end] !== "\n") end += text[end] === "\\" ? 2 : 1;
  return end;
}

function endOfTemplatePart(text: string, position: number): number {
  let end = position;
  while (end < text.length && text[end] !== "`" && !text.startsWith("${", end)) end += text[end] === "\\" ? 2 : 1;
  return end;
}

function endOfRegex(text: string, position: number): number {
  let end = position + 1;
  let inClass = false;
  while (end < text.length && text[end] !== "\n" && (inClass || text[end] !== "/")) {
    if (text[end] === "[") inClass = true;
    if (text[end] === "]") inClass = false;
    end += text[end] === "\\" ? 2 : 1;
  }
  return end + 1;
}

/** A slash after a value divides; after an operator, an opening bracket or a keyword it begins a regular expression. */
function beginsRegex(before: readonly string[]): boolean {
  const tail = before.slice(-40).join("").trimEnd();
  const word = /[\w$]+$/.exec(tail)?.[0];
  if (word !== undefined) return wordsBeforeRegex.has(word);
  return !/[)\]}"'`]$/.test(tail);
}

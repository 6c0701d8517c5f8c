/**
 * Regular expressions of strangers. They are RE2's: no backreference and no lookaround, so a match takes time linear in the
 * text, whatever the pattern. What compiles to a large program is refused.
 */

import { RE2JS } from "re2js";
import { type Result, refuse, succeed } from "./result.ts";

export interface TextPattern {
  readonly source: string;
  /** Whether the text as a whole matches; `.` matches anything but a line feed. */
  matches(text: string): boolean;
}

/** Bounds what is parsed before the size of the program is known. */
export const patternMaxLength = 1_000;

/** Instructions of a compiled pattern. Source: Mesos, --offer_constraints_re2_max_program_size. */
export const patternProgramMax = 100;

/** Reads a pattern. The refusal gives the rule and the value; the caller names the field. */
export function parseTextPattern(source: string): Result<TextPattern> {
  if (source.length > patternMaxLength) {
    return refuse("INVALID_ARGUMENT", `must have at most ${patternMaxLength} characters, has ${source.length}`);
  }
  const compiled = compile(source);
  if (!compiled.ok) return compiled;
  const size = compiled.value.programSize();
  if (size > patternProgramMax) {
    return refuse("INVALID_ARGUMENT", `must compile to at most ${patternProgramMax} instructions, has ${size}`);
  }
  // Not `testExact`, which keeps up to 8 MB of states for each pattern.
  return succeed({ source, matches: (text) => compiled.value.matches(text) });
}

function compile(source: string): Result<RE2JS> {
  try {
    return succeed(RE2JS.compile(source));
  } catch (error) {
    // The library has no other way to say what is wrong with a pattern.
    const reason = error instanceof Error ? error.message.replace(/^error parsing regexp: /, "") : String(error);
    return refuse("INVALID_ARGUMENT", `must be a regular expression of RE2: ${reason}`);
  }
}

/** From what a person writes to the one thing that is meant: by its id, by the end of its id, or by its name. */

import { NotSoError } from "./operator-command.ts";

export interface Candidate<T> {
  readonly id: string;
  /** What people call it: a hostname, a framework's name. */
  readonly name?: string | undefined;
  readonly value: T;
}

/** More than these are not listed in an error. */
const listedMax = 5;

/** Throws NotSoError with what to do if none is meant, or several are. */
export function findOne<T>(noun: string, text: string, candidates: readonly Candidate<T>[]): Candidate<T> {
  const exact = candidates.filter(({ id }) => id === text);
  const close = exact.length > 0 ? exact : candidates.filter(({ id, name }) => name === text || id.endsWith(`-${text}`));
  const [only] = close;
  if (only === undefined) {
    throw new NotSoError(`no ${noun} is "${text}", by its id, the end of its id or its name\n\`tepui ${noun} list\` shows what there is.`);
  }
  if (close.length === 1) return only;
  const ids = close.slice(0, listedMax).map(({ id }) => `\n  ${id}`);
  const more = close.length > listedMax ? `\n  and ${close.length - listedMax} more` : "";
  throw new NotSoError(`${close.length} ${noun}s are "${text}"; give the id of one:${ids.join("")}${more}`);
}

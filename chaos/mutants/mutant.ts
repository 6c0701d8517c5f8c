/**
 * Planted bugs. A mutant is one search-and-replace on a source file, applied while the file is loaded or bundled; the
 * working tree never changes. Its code calls `tepuiMutant(id)` where it takes its other way, so that a violation counts
 * as caught only when the bug had really acted.
 */

/** Environment variable that names the bug to plant into a process. */
export const mutantVariable = "TEPUI_MUTANT";

export interface Mutant {
  /** As in the list of planted bugs: "M01". */
  readonly id: string;
  /** The slip, in a few words. */
  readonly title: string;
  /** Guarantees that it breaks; any of their checkers may catch it. */
  readonly breaks: readonly string[];
  /** Absent: drawn sequences and smoke runs catch it. "fuzz": only hostile messages to real nodes do. */
  readonly prey?: "fuzz";
  /** Path from the project's root. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly search: string;
  readonly replace: string;
}

/** The source with the bug in it. Throws when the search text does not stand there exactly once: the mutant has rotted. */
export function plant(mutant: Mutant, source: string): string {
  const count = source.split(mutant.search).length - 1;
  if (count !== 1)
    throw new RangeError(`mutant ${mutant.id}: its search text must stand in ${mutant.file} exactly once, stands there ${count} times`);
  // A function as replacement: `$` in code means nothing then.
  return source.replace(mutant.search, () => mutant.replace);
}

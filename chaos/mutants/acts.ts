/** What a planted bug's code says at the moment at which it takes its other way. */

/**
 * An expression for the source of a mutant; its value is undefined. It goes through the global object, because the code
 * sits in folders that import nothing of chaos.
 */
export function acts(id: string): string {
  return `(globalThis as { tepuiMutant?: (id: string) => void }).tepuiMutant?.("${id}")`;
}

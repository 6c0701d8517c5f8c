// Whether somebody wrote down why the project depends on a package: docs/decisions names it between backticks.

/** The packages of a package.json that no decision names. */
export function undecidedDependencies(packageJson: string, decisions: readonly string[]): string[] {
  const parsed: Record<string, Record<string, string> | undefined> = JSON.parse(packageJson);
  const names = ["dependencies", "devDependencies", "optionalDependencies"].flatMap((key) => Object.keys(parsed[key] ?? {}));
  return names
    .filter((name) => !decisions.some((text) => text.includes(`\`${name}\``)))
    .map((name) => `${name}: no page in docs/decisions says why; add one`);
}

/** What a workload measures: figures that stand beside their floor and their target, and what it found wrong while it measured. */

export interface Target {
  readonly kind: "atLeast" | "atMost";
  readonly value: number;
}

export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  /** The same thing done by a bare program in the same run. */
  readonly floor?: number | undefined;
  /** Of `value`, or of its ratio to the floor. */
  readonly target?: Target | undefined;
  readonly ratioTarget?: Target | undefined;
}

export interface Measurement {
  readonly figures: readonly Figure[];
  /** By process, in bytes. */
  readonly peakRssBytes: Readonly<Record<string, number>>;
  /** What did not come out as it must, one line each. Figures of such a run mean nothing. */
  readonly problems: readonly string[];
}

export interface RunContext {
  /** A fresh folder that is deleted afterwards. */
  readonly folder: string;
  /** Where the nodes leave CPU profiles; undefined for none. */
  readonly profileFolder: string | undefined;
  /** Tells people how far it is. */
  readonly progress: (line: string) => void;
}

export interface Workload<Sizes extends Readonly<Record<string, number>> = Readonly<Record<string, number>>> {
  readonly name: string;
  readonly summary: string;
  /** The usual sizes; each is an option of the command line. */
  readonly sizes: Sizes;
  run(sizes: Sizes, context: RunContext): Promise<Measurement>;
}

export function atLeast(value: number): Target {
  return { kind: "atLeast", value };
}

export function atMost(value: number): Target {
  return { kind: "atMost", value };
}

/** How many times the floor; above 1 is worse for what is at most, and better for what is at least. */
export function ratioOf({ value, floor }: Figure): number | undefined {
  return floor === undefined || floor === 0 ? undefined : value / floor;
}

/** Undefined without a target. */
export function isReached(figure: Figure): boolean | undefined {
  const { value, target, ratioTarget } = figure;
  const ratio = ratioOf(figure);
  const met = [meets(value, target), ratio === undefined ? undefined : meets(ratio, ratioTarget)].filter((each) => each !== undefined);
  return met.length === 0 ? undefined : met.every(Boolean);
}

function meets(value: number, target: Target | undefined): boolean | undefined {
  if (target === undefined) return undefined;
  return target.kind === "atLeast" ? value >= target.value : value <= target.value;
}

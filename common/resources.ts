/**
 * Resources and their algebra. Scalars are whole thousandths, as Mesos compares them (common/values.cpp), so sums do
 * not drift. A `Resources` value is canonical: entries that can be merged are merged, empty ones are gone, and
 * entries are sorted by identity, so equal contents have equal form.
 */

export interface Range {
  readonly begin: number;
  /** Inclusive. */
  readonly end: number;
}

export type Value =
  | { readonly kind: "scalar"; readonly milli: number }
  | { readonly kind: "ranges"; readonly ranges: readonly Range[] }
  | { readonly kind: "set"; readonly items: readonly string[] };

export interface Reservation {
  readonly type: "STATIC" | "DYNAMIC";
  readonly role: string;
  readonly principal?: string | undefined;
}

export interface Resource {
  readonly name: string;
  readonly value: Value;
  /** From the least to the most refined; empty when unreserved. */
  readonly reservations: readonly Reservation[];
  /** The role to which the resource is offered or allocated. */
  readonly allocationRole?: string | undefined;
}

/** Canonical; build it with `toResources` only. */
export type Resources = readonly Resource[];

/**
 * What quotas leave of an agent for a role, during one allocation run: never more than the role's limit, and nothing that is needed
 * elsewhere to meet guarantees. Reservations, what is no scalar and what is revocable are always left. The sums are those of the
 * cluster: whether the pieces fit together on an agent is nobody's promise. Source: Mesos, shrinkResources and headroom.
 */

import { isIndivisible, type Resource } from "../../../common/resource.ts";
import { quantityMilli, type Resources } from "../../../common/resources.ts";
import { topRole } from "../../../common/roles.ts";
import { leftToLimitMilli, sumUnmet, unmetMilli } from "../roles/consumption.ts";
import type { MasterState } from "../state.ts";
import { freeResources } from "./accounting.ts";
import { canBeWorthOffering } from "./offer-minimum.ts";
import { isOfferable } from "./offerable.ts";
import { countOpenQuantities, isOpen } from "./share.ts";

export class QuotaBudget {
  readonly #state: MasterState;
  /** What is free beyond all guarantees that are not met; negative when it is too little. Names that nobody lacks are not here. */
  readonly #spare = new Map<string, number>();
  /** Top-level roles that lack something of their guarantee. */
  readonly #lacking = new Set<string>();
  /** Top-level roles that are not offered anything more of what is open: what is left to them only shrinks during a run. */
  readonly #closed = new Set<string>();

  /** Undefined when there are no quotas. */
  static of(state: MasterState): QuotaBudget | undefined {
    return state.quotas.current.size === 0 ? undefined : new QuotaBudget(state);
  }

  private constructor(state: MasterState) {
    this.#state = state;
    const unmet = sumUnmet(state);
    for (const [name, milli] of unmet) if (milli > 0) this.#spare.set(name, -milli);
    if (this.#spare.size === 0) return;
    for (const role of state.quotas.current.keys()) if (this.#lacksAny(role)) this.#lacking.add(role);
    const free = new Map<string, number>();
    for (const agent of state.agents.values()) if (isOfferable(state, agent)) countOpenQuantities(free, freeResources(agent), 1);
    for (const [name, milli] of this.#spare) this.#spare.set(name, milli + (free.get(name) ?? 0));
  }

  /** Whether a guarantee is not met. */
  get hasUnmet(): boolean {
    return this.#lacking.size > 0;
  }

  lacks(top: string): boolean {
    return this.#lacking.has(top);
  }

  /** Whether `resources` hold something that the role lacks of its guarantee. */
  helps(role: string, resources: Resources): boolean {
    const top = topRole(role);
    if (!this.#lacking.has(top)) return false;
    if (resources.some((entry) => isOpen(entry) && unmetMilli(this.#state, top, entry.name) > 0)) return true;
    if (!this.#lacksAny(top)) this.#lacking.delete(top);
    return false;
  }

  isClosed(top: string): boolean {
    return this.#closed.has(top);
  }

  /** Remembers that the role cannot be offered anything of what is open, if that is so: asking again for each agent would take long. */
  closeIfExhausted(role: string): void {
    const top = topRole(role);
    if (!canBeWorthOffering((name) => this.#allowanceMilli(top, name))) this.#closed.add(top);
  }

  /** The part of `resources` that the role may be offered now. */
  cut(role: string, resources: Resources): Resources {
    const top = topRole(role);
    if (this.#spare.size === 0 && !this.#state.quotas.current.has(top)) return resources;
    const left = new Map<string, number>();
    let isWhole = true;
    const parts: Resource[] = [];
    for (const entry of resources) {
      if (!isOpen(entry)) {
        parts.push(entry);
        continue;
      }
      const { name } = entry;
      const milli = left.get(name) ?? this.#allowanceMilli(top, name);
      const part = upTo(entry, milli);
      if (part !== entry) isWhole = false;
      if (part === undefined) continue;
      left.set(name, milli - quantityMilli(part));
      parts.push(part);
    }
    return isWhole ? resources : parts;
  }

  /** Counts an offer that is about to be made. */
  take(role: string, resources: Resources): void {
    if (this.#spare.size === 0) return;
    const top = topRole(role);
    const taken = new Map<string, number>();
    countOpenQuantities(taken, resources, 1);
    for (const [name, milli] of taken) {
      const spare = this.#spare.get(name);
      // What meets a guarantee is needed no more, so it is not missing elsewhere.
      if (spare !== undefined) this.#spare.set(name, spare - Math.max(0, milli - unmetMilli(this.#state, top, name)));
    }
  }

  #lacksAny(top: string): boolean {
    const guarantees = this.#state.quotas.current.get(top)?.guarantees;
    return guarantees !== undefined && [...guarantees.keys()].some((name) => unmetMilli(this.#state, top, name) > 0);
  }

  #allowanceMilli(top: string, name: string): number {
    const limit = leftToLimitMilli(this.#state, top, name) ?? Number.POSITIVE_INFINITY;
    const spare = this.#spare.get(name);
    return spare === undefined ? limit : Math.min(limit, unmetMilli(this.#state, top, name) + Math.max(0, spare));
  }
}

/** As much of the entry as `milli` allows; undefined when that is nothing. */
function upTo(entry: Resource, milli: number): Resource | undefined {
  if (quantityMilli(entry) <= milli) return entry;
  if (entry.value.kind !== "scalar" || milli <= 0) return undefined;
  if (!isIndivisible(entry)) return { ...entry, value: { kind: "scalar", milli } };
  const { copies: _, ...one } = entry;
  const copies = Math.floor(milli / entry.value.milli);
  return copies === 0 ? undefined : copies === 1 ? one : { ...one, copies };
}

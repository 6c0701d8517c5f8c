/** The inverse offers of a framework of the workload: which it was asked, and how it answers by itself. */

import type { CallJson, SchedulerEventJson } from "../history/event.ts";
import type { KnownOffer, KnownTask } from "./knowledge.ts";

/** What a framework does with an inverse offer; one that does none of this waits for a step, or for ever. */
export type InverseOfferHabit =
  /** Says yes, ends its tasks there, and takes no offers of the agent for a while. */
  | "return"
  /** Says yes, and stays. */
  | "accept"
  | "decline";

export interface KnownInverseOffer {
  readonly inverseOfferId: string;
  readonly agentId: string;
}

/** What its framework knows and does. */
export interface InverseOfferOwner {
  readonly habit: InverseOfferHabit | undefined;
  readonly offers: ReadonlyMap<string, KnownOffer>;
  liveTasks(): readonly KnownTask[];
  send(body: CallJson): void;
}

/** How long an answer by habit keeps the next question away, in seconds. */
const habitRefuseSeconds = 5;
/** How long a framework that returns what it has takes no offers of the agent, in seconds. */
const returnRefuseSeconds = 60;
/** Enough for steps that answer something old. */
const oldMax = 50;

export class InverseOfferBook {
  readonly #owner: InverseOfferOwner;
  readonly #open = new Map<string, KnownInverseOffer>();
  readonly #old: string[] = [];

  constructor(owner: InverseOfferOwner) {
    this.#owner = owner;
  }

  /** Those that wait for an answer. */
  get open(): ReadonlyMap<string, KnownInverseOffer> {
    return this.#open;
  }

  /** Ids that were answered or taken back. */
  get old(): readonly string[] {
    return this.#old;
  }

  heard({ inverseOffers }: Extract<SchedulerEventJson, { kind: "inverseOffers" }>): void {
    for (const { inverseOfferId, agentId } of inverseOffers) this.#open.set(inverseOfferId, { inverseOfferId, agentId });
    const { habit } = this.#owner;
    if (habit === undefined) return;
    const inverseOfferIds = inverseOffers.map(({ inverseOfferId }) => inverseOfferId);
    this.#owner.send({ kind: "answerInverseOffers", accepts: habit !== "decline", inverseOfferIds, refuseSeconds: habitRefuseSeconds });
    if (habit === "return") for (const { agentId } of inverseOffers) this.#giveBack(agentId);
  }

  /** It was answered or taken back. */
  forget(inverseOfferId: string): void {
    if (!this.#open.delete(inverseOfferId)) return;
    this.#old.push(inverseOfferId);
    if (this.#old.length > oldMax) this.#old.shift();
  }

  /** They belong to a stream, which is gone. */
  forgetAll(): void {
    for (const inverseOfferId of [...this.#open.keys()]) this.forget(inverseOfferId);
  }

  #giveBack(agentId: string): void {
    for (const task of this.#owner.liveTasks())
      if (task.agentId === agentId) this.#owner.send({ kind: "kill", taskId: task.taskId, agentId });
    const offerIds = [...this.#owner.offers.values()].filter((offer) => offer.agentId === agentId).map(({ offerId }) => offerId);
    if (offerIds.length > 0) this.#owner.send({ kind: "decline", offerIds, refuseSeconds: returnRefuseSeconds });
  }
}

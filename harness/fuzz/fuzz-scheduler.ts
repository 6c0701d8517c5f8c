/**
 * The framework on whose behalf the fuzzer calls: subscribed whenever a case begins, so that a call with the right ids
 * gets past the door. What its events tell is learnt. Offers that it does not use it gives back, or nobody else would
 * get any.
 */

import { FrameworkInfo_Capability_Type, TaskState } from "../../protos/gen/mesos/v1/mesos.ts";
import { Call, Call_Type, Event } from "../../protos/gen/mesos/v1/scheduler/scheduler.ts";
import type { LearntValues } from "./learnt-values.ts";
import type { OpenStream, RawClient } from "./raw-client.ts";

const subscribePath = "/tepui.v1.Scheduler/Subscribe";
const callPath = "/tepui.v1.Scheduler/Call";

const frameworkIdType = "mesos.v1.FrameworkID";

/** Long enough that a framework which lost its stream is not removed during a run: that would look like an effect. */
const failoverTimeoutSeconds = 3_600;

/** How long a subscription is tried for. */
const attemptsMax = 50;
const attemptPauseMs = 100;

export class FuzzScheduler {
  readonly #client: RawClient;
  readonly #learnt: LearntValues;
  readonly #offers = new Map<string, string>();
  #stream: OpenStream | undefined;
  #isOpen = false;
  #frameworkId: string | undefined;
  #oldStreamId: string | undefined;
  #runningCount = 0;

  constructor(client: RawClient, learnt: LearntValues) {
    this.#client = client;
    this.#learnt = learnt;
  }

  get frameworkId(): string | undefined {
    return this.#frameworkId;
  }

  /** Tasks of fuzzed calls that came to run. */
  get runningCount(): number {
    return this.#runningCount;
  }

  get streamId(): string | undefined {
    return this.#stream?.streamId;
  }

  /** Of a subscription that is over. */
  get oldStreamId(): string | undefined {
    return this.#oldStreamId;
  }

  /**
   * Subscribes unless it is subscribed: as the framework that it was, or as a new one if that is over. Answers whether it
   * did. Throws if it cannot.
   */
  async ensureSubscribed(): Promise<boolean> {
    const wasOpen = this.#isOpen;
    for (let attempt = 0; attempt < attemptsMax && !this.#isOpen; attempt++) {
      const refusal = await this.#subscribe();
      if (refusal === undefined) break;
      this.#frameworkId = undefined;
      if (attempt === attemptsMax - 1) throw new Error(`the fuzzer cannot subscribe any more: ${refusal}`);
      if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, attemptPauseMs));
    }
    this.#learnAgain();
    return !wasOpen;
  }

  /** Gives back every offer that it holds. */
  async declineAll(): Promise<void> {
    const offerIds = [...this.#offers.keys()].map((value) => ({ value }));
    if (offerIds.length === 0 || !this.#isOpen) return;
    this.#offers.clear();
    await this.#call({ type: Call_Type.DECLINE, decline: { offerIds, filters: { refuseSeconds: 0.5 } } });
  }

  /** Ends a framework that a fuzzed subscription has made. */
  async tearDown(frameworkId: string, streamId: string | undefined): Promise<void> {
    const call = Call.fromPartial({ frameworkId: { value: frameworkId }, type: Call_Type.TEARDOWN });
    await this.#client.unary(callPath, Call.encode(call).finish(), streamId);
  }

  close(): void {
    this.#stream?.close();
  }

  async #call(body: Parameters<typeof Call.fromPartial>[0]): Promise<void> {
    const call = Call.fromPartial({ frameworkId: { value: this.#frameworkId ?? "" }, ...body });
    await this.#client.unary(callPath, Call.encode(call).finish(), this.streamId);
  }

  /** Answers why it was refused, if it was. */
  async #subscribe(): Promise<string | undefined> {
    const id = this.#frameworkId === undefined ? {} : { id: { value: this.#frameworkId } };
    const capabilities = [{ type: FrameworkInfo_Capability_Type.MULTI_ROLE }, { type: FrameworkInfo_Capability_Type.PARTITION_AWARE }];
    const frameworkInfo = { user: "nobody", name: "fuzz", roles: ["fuzz"], failoverTimeout: failoverTimeoutSeconds, capabilities, ...id };
    const call = Call.fromPartial({
      ...(this.#frameworkId === undefined ? {} : { frameworkId: { value: this.#frameworkId } }),
      type: Call_Type.SUBSCRIBE,
      subscribe: { frameworkInfo },
    });
    this.#offers.clear();
    this.#isOpen = true;
    let subscribed = false;
    const stream = await this.#client.open(subscribePath, Call.encode(call).finish(), (bytes) => {
      if (this.#hear(bytes)) subscribed = true;
    });
    if (!subscribed) {
      this.#isOpen = false;
      stream.close();
      return stream.message === "" ? "the stream ended" : stream.message;
    }
    this.#oldStreamId = this.#stream?.streamId;
    this.#stream?.close();
    this.#stream = stream;
    void stream.ended.then(() => {
      if (this.#stream === stream) this.#isOpen = false;
    });
    return undefined;
  }

  /** Answers whether this was SUBSCRIBED. */
  #hear(bytes: Uint8Array): boolean {
    this.#learnt.learn("mesos.v1.scheduler.Event", bytes, true);
    const event = Event.decode(bytes);
    for (const offer of event.offers?.offers ?? []) this.#offers.set(offer.id?.value ?? "", offer.agentId?.value ?? "");
    if (event.rescind !== undefined) this.#offers.delete(event.rescind.offerId?.value ?? "");
    if (event.error !== undefined) this.#isOpen = false;
    if (event.update?.status?.state === TaskState.TASK_RUNNING) this.#runningCount++;
    const frameworkId = event.subscribed?.frameworkId?.value;
    if (frameworkId === undefined) return false;
    this.#frameworkId = frameworkId;
    return true;
  }

  /** Calls are about the framework that subscribes, mostly, so its id has to be the newest. */
  #learnAgain(): void {
    if (this.#frameworkId !== undefined) this.#learnt.add(frameworkIdType, this.#frameworkId, true);
  }
}

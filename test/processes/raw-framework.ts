/** A framework made of bytes, with what most tests of agents do with one: take an offer, launch, acknowledge until a task is there. */

import assert from "node:assert/strict";
import { type Offer, Offer_Operation_Type, type TaskInfo, TaskState, type TaskStatus } from "../../protos/gen/mesos/v1/mesos.ts";
import { Call, Call_Type, type Event } from "../../protos/gen/mesos/v1/scheduler/scheduler.ts";
import { type RawScheduler, type RawSubscription, subscribeCall } from "./raw-scheduler.ts";
import { until } from "./until.ts";

export type CallBody = Parameters<typeof Call.fromPartial>[0];
export type Operations = NonNullable<NonNullable<CallBody["accept"]>["operations"]>;
export type TaskFields = Parameters<typeof TaskInfo.fromPartial>[0];

export class RawFramework {
  readonly #client: RawScheduler;
  readonly #subscription: RawSubscription;
  readonly #usedOffers = new Set<string>();

  private constructor(client: RawScheduler, subscription: RawSubscription) {
    this.#client = client;
    this.#subscription = subscription;
  }

  static async subscribe(client: RawScheduler, request: CallBody = subscribeCall()): Promise<RawFramework> {
    return new RawFramework(client, await client.subscribe(Call.encode(Call.fromPartial(request)).finish()));
  }

  get id(): string {
    return this.#subscription.frameworkId;
  }

  get events(): readonly Event[] {
    return this.#subscription.events;
  }

  /** Fails when it is refused. */
  async call(body: CallBody): Promise<void> {
    const request = Call.encode(Call.fromPartial({ ...body, frameworkId: { value: this.id } })).finish();
    const { code, message } = await this.#client.call(request, this.#subscription.streamId);
    assert.equal(code, 0, message);
  }

  /** Those that came and were not accepted yet. */
  offers(): readonly Offer[] {
    return this.events.flatMap((event) => event.offers?.offers ?? []).filter(({ id }) => !this.#usedOffers.has(id?.value ?? ""));
  }

  /** The newest one that fits, as soon as there is one. */
  offer(isWanted: (offer: Offer) => boolean = () => true): Promise<Offer> {
    return until(() => this.offers().findLast(isWanted));
  }

  /** From now on, only newer offers count. */
  forgetOffers(): void {
    for (const { id } of this.offers()) this.#usedOffers.add(id?.value ?? "");
  }

  accept({ id }: Offer, operations: Operations, refuseSeconds = 0): Promise<void> {
    this.#usedOffers.add(id?.value ?? "");
    return this.call({
      type: Call_Type.ACCEPT,
      accept: { offerIds: [{ value: id?.value ?? "" }], operations, filters: { refuseSeconds } },
    });
  }

  /** Launches tasks of 0.1 cpus where nothing else is said. */
  launch(offer: Offer, tasks: Readonly<Record<string, TaskFields>>, refuseSeconds = 0): Promise<void> {
    return this.accept(offer, [launchOf(offer.agentId?.value ?? "", tasks)], refuseSeconds);
  }

  updatesOf(taskId: string): readonly TaskStatus[] {
    return this.events.flatMap((event) => event.update?.status ?? []).filter((status) => status.taskId?.value === taskId);
  }

  /** The first status in this state; it is acknowledged, and so is each before it, all of which must be TASK_RUNNING. */
  async reached(taskId: string, state: TaskState): Promise<TaskStatus> {
    for (let index = 0; ; index++) {
      const status = await until(() => this.updatesOf(taskId)[index]);
      const { agentId, uuid } = status;
      if (uuid !== undefined && uuid.length > 0) {
        await this.call({ type: Call_Type.ACKNOWLEDGE, acknowledge: { agentId, taskId: { value: taskId }, uuid } });
      }
      if (status.state === state) return status;
      assert.equal(status.state, TaskState.TASK_RUNNING, `${taskId}: ${status.message}`);
    }
  }
}

/** See `RawFramework.launch`. */
export function launchOf(agentId: string, tasks: Readonly<Record<string, TaskFields>>): Operations[number] {
  const resources = [{ name: "cpus", type: 0 as const, scalar: { value: 0.1 } }];
  const taskInfos = Object.entries(tasks).map(([name, fields]) => ({
    name,
    taskId: { value: name },
    agentId: { value: agentId },
    resources,
    ...fields,
  }));
  return { type: Offer_Operation_Type.LAUNCH, launch: { taskInfos } };
}

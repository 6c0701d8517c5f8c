/**
 * One task and the framework around it, from the first offer to the task's end: launches it where it fits, hands its output on as it comes,
 * and answers with its exit code. When this process dies, the master ends the task a minute later.
 */

import { setTimeout as sleep } from "node:timers/promises";

import { AgentOperatorClient } from "../client/agent-operator-client.ts";
import { CallError } from "../client/call-error.ts";
import { OperatorClient } from "../client/operator-client.ts";
import { SchedulerDriver, SubscriptionRefusedError } from "../client/scheduler-driver.ts";
import type { SchedulerEvent } from "../client/scheduler-event.ts";
import { FrameworkInfo_Capability_Type, type Offer, TaskInfo, TaskState, type TaskStatus } from "../protos/gen/mesos/v1/mesos.ts";
import { agentAddress } from "./agent-address.ts";
import { interruptedExitCode, notRunExitCode, type OneOffEnd, oneOffEnd } from "./one-off-end.ts";
import { type OneOffWish, takeFrom, whyNoOffer } from "./one-off-offer.ts";
import { masterVariable, NotSoError } from "./operator-command.ts";
import { SandboxOutput } from "./sandbox-output.ts";
import { sandboxPath } from "./sandbox-path.ts";
import { writeTo } from "./standard-streams.ts";

export interface OneOff extends OneOffWish {
  readonly masters: readonly string[];
  readonly name: string;
  /** New, and an id of the protocol. */
  readonly taskId: string;
  readonly user: string;
  readonly role: string;
  readonly command: NonNullable<Parameters<typeof TaskInfo.fromPartial>[0]["command"]>;
}

/** The framework outlives a master, and this process's connection, for so long; then the master ends the task. */
const failoverTimeoutS = 60;

/** Who waits longer for an offer wants to know why. */
const offerPatienceMs = 5_000;

/** How often the output is looked at. */
const lookEveryMs = 100;

/** Resources that do not fit are asked for again after this: others end, and then it may fit. */
const refuseSeconds = 1;

/** More agents are not listed one by one. */
const agentsListedMax = 5;

export class OneOffTask {
  readonly #oneOff: OneOff;
  readonly #driver: SchedulerDriver;
  #isSubscribed = false;
  #attempts = 0;
  #isLaunched = false;
  #isInterrupted = false;
  #end: OneOffEnd | undefined;
  #output: Promise<void> | undefined;

  constructor(oneOff: OneOff) {
    this.#oneOff = oneOff;
    const { masters, name, user, role } = oneOff;
    this.#driver = new SchedulerDriver({
      masters,
      framework: {
        user,
        name: `tepui run: ${name}`,
        roles: [role],
        capabilities: [{ type: FrameworkInfo_Capability_Type.MULTI_ROLE }],
        failoverTimeout: failoverTimeoutS,
        checkpoint: true,
      },
      onEvent: (event) => this.#hear(event),
      onDisconnected: (reason) => this.#disconnected(reason),
    });
  }

  /** Resolves with the exit code when the task has ended and everything that it wrote is written. */
  async run(): Promise<number> {
    const complaint = setTimeout(() => void this.#explain(), offerPatienceMs);
    try {
      await this.#driver.run();
    } catch (error) {
      if (!(error instanceof SubscriptionRefusedError)) throw error;
      // The master may have ended the framework at our own wish, in a call whose answer was lost.
      const what = this.#isLaunched ? "the master ended its framework" : "the master refuses to run it";
      this.#end ??= { exitCode: notRunExitCode, complaint: `${what}: ${error.message}` };
    } finally {
      clearTimeout(complaint);
    }
    await this.#output;
    if (this.#end?.complaint !== undefined && !this.#isInterrupted) tell(`error: ${this.#end.complaint}`);
    return this.#isInterrupted ? interruptedExitCode : (this.#end?.exitCode ?? notRunExitCode);
  }

  /** Kills the task, whose end `run` waits for. */
  async interrupt(): Promise<void> {
    this.#isInterrupted = true;
    try {
      if (this.#isLaunched) await this.#driver.kill(this.#oneOff.taskId);
      else await this.#leave();
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      tell(`the task cannot be killed now, it is tried again: ${error.message}`);
    }
  }

  async #hear(event: SchedulerEvent): Promise<void> {
    try {
      await this.#answer(event);
    } catch (error) {
      // A call that fails with the connection: the next `subscribed` event sorts it out.
      if (!(error instanceof CallError)) throw error;
      if (error.refused) tell(error.message);
    }
  }

  async #answer(event: SchedulerEvent): Promise<void> {
    switch (event.kind) {
      case "subscribed":
        this.#isSubscribed = true;
        if (this.#end !== undefined) await this.#leave();
        else if (this.#isInterrupted) await this.interrupt();
        else if (this.#isLaunched) await this.#driver.reconcile([{ taskId: this.#oneOff.taskId }]);
        return;
      case "offers":
        for (const offer of event.offers) await this.#consider(offer);
        return;
      case "update":
        if (event.status.taskId?.value === this.#oneOff.taskId) this.#updated(event.status);
        return;
      default:
        return;
    }
  }

  async #consider(offer: Offer): Promise<void> {
    const offerId = offer.id?.value ?? "";
    const resources = this.#isLaunched || this.#isInterrupted ? undefined : takeFrom(offer, this.#oneOff);
    if (resources === undefined) {
      await this.#driver.decline([offerId], refuseSeconds);
      return;
    }
    const { taskId, name, command } = this.#oneOff;
    this.#isLaunched = true;
    try {
      const task = TaskInfo.fromPartial({ name, taskId: { value: taskId }, agentId: offer.agentId, resources, command });
      await this.#driver.launch([offerId], [task], 0);
      await this.#driver.suppress();
    } catch (error) {
      // A refused launch had no effect. What became of one whose answer got lost, reconciliation tells.
      if (error instanceof CallError && error.refused && error.call === "ACCEPT") this.#isLaunched = false;
      throw error;
    }
  }

  #updated(status: TaskStatus): void {
    const end = oneOffEnd(status);
    const hasRun = status.state === TaskState.TASK_RUNNING || status.containerStatus?.containerId !== undefined;
    if (hasRun) this.#output ??= this.#handOn(status);
    if (end === undefined || this.#end !== undefined) return;
    this.#end = end;
    // Not awaited: the update is acknowledged when this returns, and the output may take its time.
    void this.#finish();
  }

  async #finish(): Promise<void> {
    await this.#output;
    try {
      await this.#leave();
    } catch (error) {
      // The next `subscribed` event tries it again.
      if (!(error instanceof CallError)) throw error;
    }
  }

  async #leave(): Promise<void> {
    if (this.#isSubscribed) await this.#driver.teardown();
    else this.#driver.stop();
  }

  /** Until the task has ended and all of its output is written; what cannot be read is told, and does not end the task. */
  async #handOn({ agentId, containerStatus }: TaskStatus): Promise<void> {
    const { masters, taskId } = this.#oneOff;
    try {
      using operator = new OperatorClient({ masters });
      const address = agentAddress(await operator.getAgents(), agentId?.value ?? "");
      using agent = new AgentOperatorClient({ address });
      const frameworkId = this.#driver.frameworkId ?? "";
      const folder = sandboxPath({ frameworkId, taskId, executorId: undefined, containerId: containerStatus?.containerId });
      const outputs = (["stdout", "stderr"] as const).map(
        (name) => new SandboxOutput({ agent, path: `${folder}/${name}`, write: (bytes) => writeTo(process[name], bytes) }),
      );
      for (let isOver = false; !isOver; ) {
        // Looked at before the last reading, so that nothing is missed.
        isOver = this.#end !== undefined;
        for (const output of outputs) await output.pull();
        if (!isOver) await sleep(lookEveryMs);
      }
    } catch (error) {
      if (!(error instanceof CallError || error instanceof NotSoError)) throw error;
      tell(`the rest of the task's output cannot be read: ${error.message}`);
    }
  }

  #disconnected(reason: string): void {
    this.#attempts++;
    if (!this.#isSubscribed && this.#attempts >= this.#oneOff.masters.length) {
      const hint = `Is it the right master? --master HOST:PORT or ${masterVariable} names another one.`;
      this.#end = { exitCode: notRunExitCode, complaint: `no master takes the task: ${reason}\n${hint}` };
      this.#driver.stop();
    } else if (this.#isSubscribed && this.#end === undefined) tell(`the master is gone, the task goes on: ${reason}`);
  }

  /** Says why nothing is launched yet. */
  async #explain(): Promise<void> {
    if (this.#isLaunched || this.#end !== undefined) return;
    try {
      using operator = new OperatorClient({ masters: this.#oneOff.masters });
      const reasons = whyNoOffer((await operator.getAgents()).agents, this.#oneOff);
      const more = reasons.length > agentsListedMax ? [`and ${reasons.length - agentsListedMax} more`] : [];
      const listed = [...reasons.slice(0, agentsListedMax), ...more].map((reason) => `\n  ${reason}`);
      tell(`nothing fits yet; it starts as soon as something does, Ctrl-C gives up:${listed.join("")}`);
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      tell(`nothing is offered yet: ${error.message}`);
    }
  }
}

function tell(text: string): void {
  console.error(text);
}

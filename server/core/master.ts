/**
 * The master as a pure state machine: one input in, the effects to perform out. It plays standby, recovering and leading
 * (leadership.ts) and hands each input to the file that owns the concept; nothing here touches the world.
 */

import { assert, assertNever, InvariantError } from "../../common/assert.ts";
import type { Core, Instant } from "../../common/core.ts";
import { receiveAgentMessage } from "./agents/agent-messages.ts";
import { linkClosed, openLink } from "./agents/connection.ts";
import { checkDrains } from "./agents/deactivation.ts";
import { allocateWanted } from "./allocator/allocator.ts";
import { applied } from "./applied.ts";
import { dispatchCall } from "./calls/dispatch.ts";
import { subscribe } from "./calls/subscribe.ts";
import type { MasterConfig } from "./config.ts";
import { nextDeadlineMs, runDue } from "./deadlines.ts";
import type { MasterEffect } from "./effect.ts";
import type { MasterAddress } from "./event.ts";
import { type ClusterFigures, clusterFigures } from "./figures.ts";
import { schedulerStreamClosed } from "./frameworks.ts";
import type { MasterInput } from "./input.ts";
import { checkInvariants } from "./invariants.ts";
import { type Leadership, notLeadingRefusal } from "./leadership.ts";
import { checkMachines } from "./maintenance/removal.ts";
import { dispatchOperatorCall } from "./operator/dispatch.ts";
import { operatorStreamClosed, subscribeOperator } from "./operator/event-stream.ts";
import { publishChanges } from "./operator/publish-changes.ts";
import { createState, lastTerm, restoreState } from "./recovery.ts";
import { flushRegistrar, takeWritten } from "./registrar.ts";
import { leaderKey } from "./registry-op.ts";
import { checkResourceOrders } from "./resource-orders.ts";
import { enforceLimits } from "./roles/rescind-for-quota.ts";
import type { MasterState } from "./state.ts";
import type { Turn } from "./turn.ts";
import { noteAgents } from "./watch.ts";

export interface MasterCore extends Core<MasterInput, MasterEffect> {
  /** Throws InvariantError when the books do not agree. Walks over everything: for tests, simulation and slow timers. */
  checkInvariants(): void;
  /** What there is in the cluster; undefined of a master that does not lead. Walks over everything, too. */
  figures(): ClusterFigures | undefined;
}

export function createMaster(config: MasterConfig): MasterCore {
  return new Master(config);
}

/** What only a leader takes. */
type RefusedKind = "subscribe" | "schedulerCall" | "operatorCall" | "operatorSubscribe" | "agentLinkOpened" | "agentMessage";

class Master implements MasterCore {
  readonly #config: MasterConfig;
  #leadership: Leadership = { kind: "standby" };
  #leader: MasterAddress | undefined;
  #effects: MasterEffect[] = [];

  constructor(config: MasterConfig) {
    this.#config = config;
  }

  step(input: MasterInput, now: Instant): readonly MasterEffect[] {
    this.#effects = [];
    if (input.kind === "leaderChanged") this.#leader = input.leader;
    else if (this.#leadership.kind === "leading") this.#stepLeading(this.#leadership.state, input, now);
    else this.#stepNotLeading(input, now);
    return this.#effects;
  }

  nextDeadlineMs(): number | undefined {
    return this.#leadership.kind === "leading" ? nextDeadlineMs(this.#leadership.state.deadlines) : undefined;
  }

  checkInvariants(): void {
    if (this.#leadership.kind === "leading") checkInvariants(this.#leadership.state);
  }

  figures(): ClusterFigures | undefined {
    return this.#leadership.kind === "leading" ? clusterFigures(this.#leadership.state) : undefined;
  }

  #stepLeading(state: MasterState, input: MasterInput, now: Instant): void {
    const turn = this.#turn(state, now);
    runDue(turn);
    this.#handleLeading(turn, input);
    if (this.#leadership.kind !== "leading") return;
    checkMachines(turn);
    noteAgents(state, state.drainChecks);
    checkDrains(turn);
    enforceLimits(turn);
    checkResourceOrders(turn);
    allocateWanted(turn);
    publishChanges(turn);
    flushRegistrar(turn);
  }

  #handleLeading(turn: Turn, input: MasterInput): void {
    switch (input.kind) {
      case "tick":
      case "leaderChanged":
      case "leadershipGained":
        return;
      case "leadershipLost":
        this.#end("leadership was lost");
        return;
      case "registryFailed":
        this.#end(`the registry cannot be written: ${input.reason}`);
        return;
      case "registryRead":
        throw new InvariantError(`registry version ${input.version} was read by a leading master`);
      case "registryWritten":
        for (const op of takeWritten(turn.state, input.version)) applied(turn, op);
        return;
      case "subscribe":
        subscribe(turn, input.streamId, input.call);
        return;
      case "schedulerStreamClosed":
        schedulerStreamClosed(turn, input.streamId);
        return;
      case "schedulerCall":
        dispatchCall(turn, input, input);
        return;
      case "agentLinkOpened":
        openLink(turn, input.linkId, input.peer);
        return;
      case "agentLinkClosed":
        linkClosed(turn, input.linkId);
        return;
      case "agentMessage": {
        const link = turn.state.links.get(input.linkId);
        if (link !== undefined) receiveAgentMessage(turn, link, input.message);
        return;
      }
      case "operatorCall":
        dispatchOperatorCall(turn, input.callId, input.call);
        return;
      case "operatorSubscribe":
        subscribeOperator(turn, input.streamId);
        return;
      case "operatorStreamClosed":
        operatorStreamClosed(turn.state, input.streamId);
        return;
      default:
        assertNever(input);
    }
  }

  #stepNotLeading(input: MasterInput, now: Instant): void {
    switch (input.kind) {
      case "tick":
      case "leaderChanged":
      case "schedulerStreamClosed":
      case "agentLinkClosed":
      case "operatorStreamClosed":
        return;
      case "leadershipGained":
        if (this.#leadership.kind !== "standby") return;
        this.#leadership = { kind: "recovering", phase: "reading" };
        this.#emit({ kind: "readRegistry" });
        return;
      case "leadershipLost":
        if (this.#leadership.kind === "recovering") this.#end("leadership was lost during recovery");
        return;
      case "registryFailed":
        if (this.#leadership.kind === "recovering") this.#end(`the registry cannot be used: ${input.reason}`);
        return;
      case "registryRead":
        this.#registryRead(input);
        return;
      case "registryWritten":
        this.#leaderWritten(input.version, now);
        return;
      case "subscribe":
      case "schedulerCall":
      case "operatorCall":
      case "operatorSubscribe":
      case "agentLinkOpened":
      case "agentMessage":
        this.#refuse(input);
        return;
      default:
        assertNever(input);
    }
  }

  /** Writes itself in as the leader of the next term: from then on the writes of the leader before are refused. */
  #registryRead({ version, records }: Extract<MasterInput, { kind: "registryRead" }>): void {
    if (this.#leadership.kind === "ended") return;
    assert(this.#leadership.kind === "recovering" && this.#leadership.phase === "reading", `registry version ${version} was read unasked`);
    const term = lastTerm(records) + 1;
    this.#leadership = { kind: "recovering", phase: "writing", term, version, records };
    const record = { kind: "leader", masterId: this.#config.masterId, term } as const;
    this.#emit({ kind: "writeRegistry", expectedVersion: version, changes: [{ kind: "put", key: leaderKey, record }] });
  }

  #leaderWritten(version: number, now: Instant): void {
    if (this.#leadership.kind === "ended") return;
    assert(
      this.#leadership.kind === "recovering" && this.#leadership.phase === "writing",
      `registry version ${version} was written unasked`,
    );
    const { term, version: readVersion, records } = this.#leadership;
    assert(version === readVersion + 1, `registry version ${version} was written, but ${readVersion + 1} was next`);
    const state = createState({ term, version, seed: this.#config.seed, masterId: this.#config.masterId, nowMs: now.nowMs });
    this.#leadership = { kind: "leading", state };
    const turn = this.#turn(state, now);
    restoreState(turn, records);
    checkMachines(turn);
    const fields = { term, agents: state.recoveredAgents.size, frameworks: state.frameworks.size };
    this.#emit({ kind: "log", level: "info", message: "leading", fields });
    flushRegistrar(turn);
  }

  /** Nobody gets anything from a master that does not lead, but to hear who does. */
  #refuse(input: Extract<MasterInput, { kind: RefusedKind }>): void {
    const refusal = notLeadingRefusal(this.#config, this.#leadership, this.#leader);
    switch (input.kind) {
      case "subscribe":
        this.#emit({ kind: "closeSchedulerStream", streamId: input.streamId, refusal });
        return;
      case "schedulerCall":
        this.#emit({ kind: "reply", callId: input.callId, refusal });
        return;
      case "operatorCall":
        this.#emit({ kind: "operatorRefuse", callId: input.callId, refusal });
        return;
      case "operatorSubscribe":
        this.#emit({ kind: "closeOperatorStream", streamId: input.streamId, refusal });
        return;
      case "agentLinkOpened":
      case "agentMessage":
        this.#emit({ kind: "closeAgentLink", linkId: input.linkId, refusal });
        return;
      default:
        assertNever(input);
    }
  }

  #end(reason: string): void {
    this.#leadership = { kind: "ended" };
    this.#emit({ kind: "exit", reason });
  }

  #turn(state: MasterState, { nowMs, wallMs }: Instant): Turn {
    return { config: this.#config, state, nowMs, wallMs, emit: (effect) => this.#emit(effect) };
  }

  #emit(effect: MasterEffect): void {
    this.#effects.push(effect);
  }
}

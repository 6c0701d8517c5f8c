/**
 * The operator's side of tepui in TypeScript: calls the leading master, whichever of the given ones that is, and gives each refused call
 * one clear error.
 */

import { Client, credentials } from "@grpc/grpc-js";

import type { ClusterStatus, Schedule, Window } from "../protos/gen/mesos/v1/maintenance/maintenance.ts";
import {
  Call_DeactivateAgent,
  Call_DrainAgent,
  Call_MarkAgentGone,
  Call_ReactivateAgent,
  Call_RemoveQuota,
  Call_StartMaintenance,
  Call_StopMaintenance,
  Call_Teardown,
  Call_UpdateMaintenanceSchedule,
  Call_UpdateQuota,
  Call_UpdateWeights,
  Event,
  Response_GetAgents,
  Response_GetFrameworks,
  Response_GetMaintenanceSchedule,
  Response_GetMaintenanceStatus,
  Response_GetMaster,
  Response_GetQuota,
  Response_GetRoles,
  Response_GetState,
  Response_GetTasks,
  Response_GetWeights,
} from "../protos/gen/mesos/v1/master/master.ts";
import type { MachineID, WeightInfo } from "../protos/gen/mesos/v1/mesos.ts";
import type { QuotaConfig } from "../protos/gen/mesos/v1/quota/quota.ts";
import { MaintenanceProgress } from "../protos/gen/tepui/v1/maintenance.ts";
import { KillTaskOrder, ScheduleReplacement } from "../protos/gen/tepui/v1/operator_orders.ts";
import { RoleUsage } from "../protos/gen/tepui/v1/roles.ts";
import { parseAddress } from "../runtime/address.ts";
import { CallError } from "./call-error.ts";
import { readStream } from "./node-stream.ts";
import { type Answer, answerMaxBytes, callTimeoutDefaultMs, callUnary, type MessageType, type Operation } from "./unary-call.ts";

const service = "tepui.v1.MasterOperator";

/** A leader that misses as many is stopped, or cut off. Asking again loses nothing. */
const missedHeartbeatsMax = 3;

export interface OperatorClientOptions {
  /** Masters as host:port; any of them leads to the leader. */
  readonly masters: readonly string[];
  readonly callTimeoutMs?: number;
}

export interface DrainOptions {
  /** Bounds the grace of each task; without it each has its own. */
  readonly maxGraceMs?: number | undefined;
  /** Marks the agent gone once it is empty. */
  readonly markGone?: boolean;
}

/** What a top-level role gets in any case, and what it may have at most, by name of scalar. */
export interface RoleQuota {
  readonly role: string;
  readonly guarantees?: Readonly<Record<string, number>>;
  /** A name that is missing is not limited. */
  readonly limits?: Readonly<Record<string, number>>;
}

export class OperatorClient implements Disposable {
  readonly #options: OperatorClientOptions;
  readonly #clients = new Map<string, Client>();
  #leader: string | undefined;

  constructor(options: OperatorClientOptions) {
    if (options.masters.length === 0) throw new RangeError("OperatorClient: masters must name at least one host:port, has none");
    const wrong = options.masters.find((address) => parseAddress(address) === undefined);
    if (wrong !== undefined) throw new RangeError(`OperatorClient: masters must be host:port, has "${wrong}"`);
    this.#options = options;
  }

  /** Where the master is that took the last call, as host:port; undefined before the first one. */
  get leader(): string | undefined {
    return this.#leader;
  }

  getAgents(): Promise<Response_GetAgents> {
    return this.#ask("GetAgents", Response_GetAgents);
  }

  getFrameworks(): Promise<Response_GetFrameworks> {
    return this.#ask("GetFrameworks", Response_GetFrameworks);
  }

  /** Those that run, those on agents that do not answer, and the last ones that ended. */
  getTasks(): Promise<Response_GetTasks> {
    return this.#ask("GetTasks", Response_GetTasks);
  }

  /** Agents, frameworks, executors and tasks at one instant. */
  getState(): Promise<Response_GetState> {
    return this.#ask("GetState", Response_GetState);
  }

  /** The master that answers, which is the leader once a call that only the leader takes has succeeded. */
  getMaster(): Promise<Response_GetMaster> {
    return this.#ask("GetMaster", Response_GetMaster);
  }

  /**
   * The changes of the cluster as the leader tells them, with SUBSCRIBED and the whole state first. Ends, or throws CallError, when the
   * leader is gone or silent, or the reader was too slow; the next call begins with the state again.
   */
  async *events(): AsyncGenerator<Event> {
    // Only the leader answers it, so that it says who that is.
    await this.getMaintenanceSchedule();
    const address = this.#leader ?? "";
    const operation = { service, name: "Subscribe", reads: true };
    let silenceMs: number | undefined;
    const request = { address, bytes: new Uint8Array(), silenceMaxMs: () => silenceMs };
    for await (const bytes of readStream(this.#client(address), operation, request)) {
      const event = Event.decode(bytes);
      const { heartbeatIntervalSeconds } = event.subscribed ?? {};
      if (heartbeatIntervalSeconds !== undefined) silenceMs = heartbeatIntervalSeconds * 1_000 * missedHeartbeatsMax;
      yield event;
    }
  }

  /** Ends everything on the agent and offers it no more. Resolves when the order is durable; `getAgents` says how far the drain is. */
  drainAgent(agentId: string, { maxGraceMs, markGone = false }: DrainOptions = {}): Promise<void> {
    const maxGracePeriod = maxGraceMs === undefined ? undefined : toDuration(maxGraceMs);
    return this.#order("DrainAgent", Call_DrainAgent, { agentId: { value: agentId }, maxGracePeriod, markGone });
  }

  /** Stops offers of the agent; its tasks run on. */
  deactivateAgent(agentId: string): Promise<void> {
    return this.#order("DeactivateAgent", Call_DeactivateAgent, { agentId: { value: agentId } });
  }

  /** Begins offers of the agent again. Refused while it drains. */
  reactivateAgent(agentId: string): Promise<void> {
    return this.#order("ReactivateAgent", Call_ReactivateAgent, { agentId: { value: agentId } });
  }

  /** Uses the agent's id up: its tasks are announced as ended, and it is told to end if it ever comes back. */
  markAgentGone(agentId: string): Promise<void> {
    return this.#order("MarkAgentGone", Call_MarkAgentGone, { agentId: { value: agentId } });
  }

  /** Every role that the cluster knows, with its frameworks, its weight, and what they hold or are offered. */
  getRoles(): Promise<Response_GetRoles> {
    return this.#ask("GetRoles", Response_GetRoles);
  }

  /** What each role has, with the roles below it: held, offered, reserved; and its quota with what counts for it. */
  getRoleUsage(): Promise<RoleUsage> {
    return this.#ask("GetRoleUsage", RoleUsage);
  }

  /** The weights that differ from 1. */
  getWeights(): Promise<readonly WeightInfo[]> {
    return this.#ask("GetWeights", Response_GetWeights).then(({ weightInfos }) => weightInfos);
  }

  /** Weighs roles; those that are not named keep their weight. */
  updateWeights(weightInfos: readonly WeightInfo[]): Promise<void> {
    return this.#order("UpdateWeights", Call_UpdateWeights, { weightInfos: [...weightInfos] });
  }

  getQuota(): Promise<readonly QuotaConfig[]> {
    return this.#ask("GetQuota", Response_GetQuota).then(({ status }) => status?.configs ?? []);
  }

  /** Replaces the quotas of the roles that are named, all or none; one without amounts ends. */
  updateQuota(quotas: readonly RoleQuota[], { force = false }: { readonly force?: boolean } = {}): Promise<void> {
    const quotaConfigs = quotas.map(({ role, guarantees = {}, limits = {} }) => ({
      role,
      guarantees: toScalars(guarantees),
      limits: toScalars(limits),
    }));
    return this.#order("UpdateQuota", Call_UpdateQuota, { force, quotaConfigs });
  }

  removeQuota(role: string): Promise<void> {
    return this.#order("RemoveQuota", Call_RemoveQuota, { role });
  }

  /** Ends a framework: its tasks are killed and its id is used up. Resolves when that is durable. */
  teardown(frameworkId: string): Promise<void> {
    return this.#order("Teardown", Call_Teardown, { frameworkId: { value: frameworkId } });
  }

  /** Ends a task as its framework could. Resolves when the leader has passed it on; the framework hears of the end. */
  killTask(frameworkId: string, taskId: string, { graceMs }: { readonly graceMs?: number | undefined } = {}): Promise<void> {
    const killPolicy = graceMs === undefined ? undefined : { gracePeriod: { nanoseconds: BigInt(Math.round(graceMs * 1e6)) } };
    return this.#order("KillTask", KillTaskOrder, { frameworkId: { value: frameworkId }, taskId: { value: taskId }, killPolicy });
  }

  getMaintenanceSchedule(): Promise<Schedule> {
    return this.#ask("GetMaintenanceSchedule", Response_GetMaintenanceSchedule).then(({ schedule }) => schedule ?? { windows: [] });
  }

  /** How far each machine is, until when, and who still has what on it. */
  getMaintenanceProgress(): Promise<MaintenanceProgress> {
    return this.#ask("GetMaintenanceProgress", MaintenanceProgress);
  }

  /** As Mesos has it: machines that are DRAINING, with the answers of frameworks, and those that are DOWN. */
  getMaintenanceStatus(): Promise<ClusterStatus> {
    const none: ClusterStatus = { drainingMachines: [], downMachines: [] };
    return this.#ask("GetMaintenanceStatus", Response_GetMaintenanceStatus).then(({ status }) => status ?? none);
  }

  /** Replaces the whole schedule; an empty one cancels it. A machine that is DOWN has to stay in it. */
  updateMaintenanceSchedule(windows: readonly Window[]): Promise<void> {
    return this.#order("UpdateMaintenanceSchedule", Call_UpdateMaintenanceSchedule, { schedule: { windows: [...windows] } });
  }

  /** The same if the schedule still is what was read; refused with ABORTED if somebody has changed it. */
  replaceMaintenanceSchedule(expected: readonly Window[], windows: readonly Window[]): Promise<void> {
    return this.#order("ReplaceMaintenanceSchedule", ScheduleReplacement, {
      expected: { windows: [...expected] },
      schedule: { windows: [...windows] },
    });
  }

  /** Takes scheduled machines DOWN: their agents are told to end, and may not register. */
  startMaintenance(machines: readonly MachineID[]): Promise<void> {
    return this.#order("StartMaintenance", Call_StartMaintenance, { machines: [...machines] });
  }

  /** Brings machines that are DOWN up again, out of the schedule. */
  stopMaintenance(machines: readonly MachineID[]): Promise<void> {
    return this.#order("StopMaintenance", Call_StopMaintenance, { machines: [...machines] });
  }

  [Symbol.dispose](): void {
    for (const client of this.#clients.values()) client.close();
    this.#clients.clear();
  }

  async #ask<Response>(name: string, response: MessageType<Response>): Promise<Response> {
    return response.decode(await this.#call({ service, name, reads: true }, new Uint8Array()));
  }

  async #order<Request>(name: string, type: MessageType<Request>, request: Request): Promise<void> {
    await this.#call({ service, name, reads: false }, type.encode(request).finish());
  }

  /**
   * Asks one master after the other until one leads; a hint is followed at once. What nobody could take is the last one's refusal. An
   * order goes to the next one only when it is certain that this one did not take it: given twice, it could undo what came in between.
   */
  async #call(operation: Operation, request: Uint8Array): Promise<Uint8Array> {
    const waiting = [...(this.#leader === undefined ? [] : [this.#leader]), ...this.#options.masters];
    const asked = new Set<string>();
    for (;;) {
      const address = waiting.shift();
      if (address === undefined) throw noLeader(operation);
      if (asked.has(address)) continue;
      asked.add(address);
      const answer = await this.#callOne(address, operation, request);
      if (answer.ok) {
        this.#leader = address;
        return answer.bytes;
      }
      this.#leader = undefined;
      if (answer.leader !== undefined) waiting.unshift(answer.leader);
      // A question does no harm where it was asked in vain: the silent master may have been stopped, and another one lead.
      const isSilent = answer.error.code === "UNAVAILABLE" || answer.error.code === "DEADLINE_EXCEEDED";
      const mayAskNext = answer.isUntaken || (operation.reads && isSilent);
      if (!mayAskNext || waiting.every((other) => asked.has(other))) throw answer.error;
    }
  }

  #callOne(address: string, operation: Operation, bytes: Uint8Array): Promise<Answer> {
    const timeoutMs = this.#options.callTimeoutMs ?? callTimeoutDefaultMs;
    return callUnary(this.#client(address), operation, { address, bytes, timeoutMs });
  }

  #client(address: string): Client {
    let client = this.#clients.get(address);
    if (client === undefined) {
      client = new Client(address, credentials.createInsecure(), { "grpc.max_receive_message_length": answerMaxBytes });
      this.#clients.set(address, client);
    }
    return client;
  }
}

function noLeader({ name }: Operation): CallError {
  return new CallError({ call: name, code: "UNAVAILABLE", reason: "no master leads", refused: true });
}

function toDuration(ms: number): { seconds: bigint; nanos: number } {
  return { seconds: BigInt(Math.floor(ms / 1_000)), nanos: Math.round((ms % 1_000) * 1e6) };
}

function toScalars(amounts: Readonly<Record<string, number>>): Record<string, { value: number }> {
  return Object.fromEntries(Object.entries(amounts).map(([name, value]) => [name, { value }]));
}

/** Records of the registry as the bytes that a store keeps: tepui.v1.RegistryRecord, with the version of its format. */

import { schema } from "../../common/contract-schema.ts";
import { encodeMessage } from "../../common/encode-message.ts";
import { AgentId, FrameworkId, uuidToBytes } from "../../common/ids.ts";
import { type Result, refuse, succeed } from "../../common/result.ts";
import { checkMessage } from "../../common/wire-check.ts";
import { RegistryRecord as RecordMessage, type RegistryAgent, type RegistryFramework } from "../../protos/gen/tepui/v1/registry.ts";
import type { AgentRecordState, RegistryKey, RegistryRecord } from "../core/registry-record.ts";
import { readDeactivation, writeDeactivation } from "./deactivation-codec.ts";
import { describeAgent } from "./describe-agent.ts";
import { describeFramework } from "./describe-framework.ts";
import { recordLimits } from "./limits.ts";
import { readQuotasRecord, writeQuotas } from "./quota-codec.ts";
import { findIdProblem, readUuid, refuseArgument } from "./rules.ts";
import { readSchedule, writeSchedule } from "./schedule-codec.ts";
import { readWeightsRecord, writeWeights } from "./weights-codec.ts";

/** Raised when an older master could no longer read what this one writes. */
const formatVersion = 1;

/** Bytes of one record. */
export function encodeRegistryRecord(record: RegistryRecord): Uint8Array {
  return encodeMessage(RecordMessage, { formatVersion, record: toWire(record) });
}

/** Reads what the store has under `key`. A refusal means that the registry is damaged, or was written by a newer version of tepui. */
export function decodeRegistryRecord(key: RegistryKey, bytes: Uint8Array): Result<RegistryRecord> {
  const problem = checkMessage(schema, "tepui.v1.RegistryRecord", bytes, recordLimits);
  if (problem !== undefined) return refuseArgument(problem);
  const message = RecordMessage.decode(bytes);
  if (message.formatVersion === undefined) return refuseArgument("format_version must be set");
  if (message.formatVersion > formatVersion) {
    const rule = `format_version must be at most ${formatVersion}, is ${message.formatVersion}: a newer tepui wrote it`;
    return refuse("FAILED_PRECONDITION", rule);
  }
  const record = fromWire(message.record);
  if (!record.ok || keyOf(record.value) === key) return record;
  return refuseArgument(`key must be "${keyOf(record.value)}" for this record, is "${key}"`);
}

function keyOf(record: RegistryRecord): RegistryKey {
  switch (record.kind) {
    case "leader":
      return "leader";
    case "schedule":
    case "weights":
    case "quotas":
      return record.kind;
    case "agent":
      return `agent/${record.agentId}`;
    case "deactivation":
      return `deactivation/${record.agentId}`;
    case "framework":
      return `framework/${record.frameworkId}`;
  }
}

function toWire(record: RegistryRecord): RecordMessage["record"] {
  switch (record.kind) {
    case "leader":
      return { $case: "leader", leader: { masterId: record.masterId, term: BigInt(record.term) } };
    case "agent": {
      const { agentId, agent, state, tasksAbandoned } = record;
      const { info, version, credential, ip, capabilities = [] } = agent;
      return {
        $case: "agent",
        agent: {
          agentId: { value: agentId },
          info,
          version,
          ip,
          state: toAgentState(state),
          credential: credential && uuidToBytes(credential),
          capabilities: capabilities.map((type) => ({ type })),
          tasksAbandoned,
        },
      };
    }
    case "schedule":
      return { $case: "schedule", schedule: writeSchedule(record.schedule) };
    case "weights":
      return { $case: "weights", weights: writeWeights(record.weights) };
    case "quotas":
      return { $case: "quotas", quotas: writeQuotas(record.quotas) };
    case "deactivation":
      return { $case: "deactivation", deactivation: writeDeactivation(record.agentId, record.deactivation) };
    case "framework": {
      const { frameworkId, framework, state } = record;
      const entry = { frameworkId: { value: frameworkId }, info: framework.info, state: toFrameworkState(state) };
      return { $case: "framework", framework: entry };
    }
  }
}

function toAgentState(state: AgentRecordState): RegistryAgent["state"] {
  switch (state.kind) {
    case "admitted":
      return { $case: "admitted", admitted: true };
    case "unreachable":
      return { $case: "unreachableSinceMs", unreachableSinceMs: toWholeMs(state.sinceWallMs) };
    case "removed":
      return { $case: "removedAtMs", removedAtMs: toWholeMs(state.atWallMs) };
    case "gone":
      return { $case: "gone", gone: { atMs: toWholeMs(state.atWallMs), tasksAnnounced: state.tasksAnnounced } };
  }
}

type FrameworkRecordState = Extract<RegistryRecord, { kind: "framework" }>["state"];

function toFrameworkState(state: FrameworkRecordState): RegistryFramework["state"] {
  switch (state.kind) {
    case "active":
      return { $case: "active", active: true };
    case "disconnected":
      return { $case: "disconnectedDeadlineMs", disconnectedDeadlineMs: toWholeMs(state.deadlineWallMs) };
    case "completed":
      return { $case: "completedAtMs", completedAtMs: toWholeMs(state.atWallMs) };
  }
}

function fromWire(record: RecordMessage["record"]): Result<RegistryRecord> {
  switch (record?.$case) {
    case undefined:
      return refuseArgument("record must be set");
    case "leader":
      return succeed({ kind: "leader", masterId: record.leader.masterId ?? "", term: Number(record.leader.term ?? 0n) });
    case "agent":
      return fromAgent(record.agent);
    case "deactivation":
      return readDeactivation(record.deactivation);
    case "schedule":
      return readSchedule(record.schedule);
    case "quotas":
      return readQuotasRecord(record.quotas);
    case "weights":
      return readWeightsRecord(record.weights);
    case "framework":
      return fromFramework(record.framework);
  }
}

function fromAgent(message: RegistryAgent): Result<RegistryRecord> {
  const { agentId, info, version, state, credential: bytes, tasksAbandoned, ip, capabilities } = message;
  const problem = findIdProblem("agent.agent_id", agentId);
  if (problem !== undefined || info === undefined) return refuseArgument(problem ?? "agent.info must be set");
  const credential = readUuid(bytes, "agent.credential");
  if (!credential.ok) return credential;
  const agent = describeAgent(info, { version, credential: credential.value, ip, capabilities }, "agent.info");
  if (!agent.ok) return agent;
  const abandoned = tasksAbandoned === true ? ({ tasksAbandoned } as const) : {};
  const entry = { kind: "agent", agentId: AgentId(agentId?.value ?? ""), agent: agent.value, ...abandoned } as const;
  switch (state?.$case) {
    case undefined:
      return refuseArgument("agent.state must be set");
    case "admitted":
      return succeed({ ...entry, state: { kind: "admitted" } });
    case "unreachableSinceMs":
      return succeed({ ...entry, state: { kind: "unreachable", sinceWallMs: Number(state.unreachableSinceMs) } });
    case "removedAtMs":
      return succeed({ ...entry, state: { kind: "removed", atWallMs: Number(state.removedAtMs) } });
    case "gone":
      return succeed({
        ...entry,
        state: { kind: "gone", atWallMs: Number(state.gone.atMs ?? 0n), tasksAnnounced: state.gone.tasksAnnounced ?? false },
      });
  }
}

function fromFramework({ frameworkId, info, state }: RegistryFramework): Result<RegistryRecord> {
  const problem = findIdProblem("framework.framework_id", frameworkId);
  if (problem !== undefined || info === undefined) return refuseArgument(problem ?? "framework.info must be set");
  const framework = describeFramework(info, "framework.info");
  if (!framework.ok) return framework;
  const entry = { kind: "framework", frameworkId: FrameworkId(frameworkId?.value ?? ""), framework: framework.value } as const;
  switch (state?.$case) {
    case undefined:
      return refuseArgument("framework.state must be set");
    case "active":
      return succeed({ ...entry, state: { kind: "active" } });
    case "disconnectedDeadlineMs":
      return succeed({ ...entry, state: { kind: "disconnected", deadlineWallMs: Number(state.disconnectedDeadlineMs) } });
    case "completedAtMs":
      return succeed({ ...entry, state: { kind: "completed", atWallMs: Number(state.completedAtMs) } });
  }
}

function toWholeMs(ms: number): bigint {
  return BigInt(Math.round(ms));
}

/** What an operator ordered about an agent, between the core's form and that of the registry. */

import { AgentId } from "../../common/ids.ts";
import { type Result, succeed } from "../../common/result.ts";
import type { RegistryDeactivation, RegistryDrain } from "../../protos/gen/tepui/v1/registry.ts";
import type { Deactivation, Drain } from "../core/agents/standing.ts";
import type { RegistryRecord } from "../core/registry-record.ts";
import { findIdProblem, refuseArgument } from "./rules.ts";

export function writeDeactivation(agentId: AgentId, { drain }: Deactivation): RegistryDeactivation {
  return { agentId: { value: agentId }, drain: drain && writeDrain(drain) };
}

function writeDrain({ phase, maxGraceMs, markGone, startedWallMs }: Drain): RegistryDrain {
  return {
    isDrained: phase === "drained",
    maxGraceMs: maxGraceMs === undefined ? undefined : BigInt(Math.round(maxGraceMs)),
    markGone,
    startedAtMs: BigInt(Math.round(startedWallMs)),
  };
}

export function readDeactivation({ agentId, drain }: RegistryDeactivation): Result<RegistryRecord> {
  const problem = findIdProblem("deactivation.agent_id", agentId);
  if (problem !== undefined) return refuseArgument(problem);
  const deactivation = { drain: drain && readDrain(drain) };
  return succeed({ kind: "deactivation", agentId: AgentId(agentId?.value ?? ""), deactivation });
}

function readDrain({ isDrained, maxGraceMs, markGone, startedAtMs }: RegistryDrain): Drain {
  return {
    phase: isDrained === true ? "drained" : "draining",
    maxGraceMs: maxGraceMs === undefined ? undefined : Number(maxGraceMs),
    markGone: markGone ?? false,
    startedWallMs: Number(startedAtMs ?? 0n),
  };
}

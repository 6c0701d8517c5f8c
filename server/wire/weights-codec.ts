/** Weights of roles, between the core's form, the operator's call and the registry. */

import { type Result, succeed } from "../../common/result.ts";
import { roleProblem } from "../../common/roles.ts";
import type { Call_UpdateWeights } from "../../protos/gen/mesos/v1/master/master.ts";
import type { WeightInfo } from "../../protos/gen/mesos/v1/mesos.ts";
import type { RegistryWeights } from "../../protos/gen/tepui/v1/registry.ts";
import type { RegistryRecord } from "../core/registry-record.ts";
import type { Weights } from "../core/roles/weights.ts";
import { changedRolesMax } from "./limits.ts";
import { refuseArgument } from "./rules.ts";

export function readWeightChanges({ weightInfos }: Call_UpdateWeights): Result<Weights> {
  const path = "update_weights.weight_infos";
  if (weightInfos.length === 0) return refuseArgument(`${path} must not be empty`);
  if (weightInfos.length > changedRolesMax)
    return refuseArgument(`${path} must have at most ${changedRolesMax} entries, has ${weightInfos.length}`);
  return readWeights(weightInfos, path);
}

export function readWeightsRecord({ weights }: RegistryWeights): Result<RegistryRecord> {
  const read = readWeights(weights, "weights.weights");
  return read.ok ? succeed({ kind: "weights", weights: read.value }) : read;
}

export function writeWeights(weights: Weights): RegistryWeights {
  return { weights: [...weights].map(([role, weight]) => ({ role, weight })) };
}

function readWeights(infos: readonly WeightInfo[], path: string): Result<Weights> {
  const weights = new Map<string, number>();
  for (const [index, { role, weight }] of infos.entries()) {
    if (role === undefined) return refuseArgument(`${path}[${index}].role must be set`);
    const rule = roleProblem(role);
    if (rule !== undefined) return refuseArgument(`${path}[${index}].role ${rule}`);
    if (weights.has(role)) return refuseArgument(`${path}[${index}].role must not repeat a role, has "${role}" twice`);
    if (!(weight > 0 && Number.isFinite(weight)))
      return refuseArgument(`${path}[${index}].weight must be positive and finite, is ${weight}`);
    weights.set(role, weight);
  }
  return succeed(weights);
}

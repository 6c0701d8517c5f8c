/** Orders and questions about roles, and the answers, between the history's form and messages. */

import { encodeMessage } from "../../common/encode-message.ts";
import {
  Call_RemoveQuota,
  Call_SetQuota,
  Call_UpdateQuota,
  Call_UpdateWeights,
  Response_GetQuota,
  Response_GetWeights,
} from "../../protos/gen/mesos/v1/master/master.ts";
import { type Value_Scalar, Value_Type } from "../../protos/gen/mesos/v1/mesos.ts";
import type { AmountsJson, RoleAnswerJson, RoleOrderJson } from "../history/role-json.ts";

const noRequest = new Uint8Array();

export function encodeRoleOrder(order: RoleOrderJson): Uint8Array {
  switch (order.kind) {
    case "updateQuota": {
      const { quotas, force } = order;
      const quotaConfigs = quotas.map(({ role, guarantees, limits }) => ({
        role,
        guarantees: toScalars(guarantees),
        limits: toScalars(limits),
      }));
      return encodeMessage(Call_UpdateQuota, { force, quotaConfigs });
    }
    case "setQuota": {
      const { role, amounts, force } = order;
      const guarantee = Object.entries(toScalars(amounts)).map(([name, scalar]) => ({
        name,
        type: Value_Type.SCALAR,
        scalar,
        reservations: [],
      }));
      return encodeMessage(Call_SetQuota, { quotaRequest: { role, force, guarantee } });
    }
    case "removeQuota":
      return encodeMessage(Call_RemoveQuota, { role: order.role });
    case "updateWeights":
      return encodeMessage(Call_UpdateWeights, { weightInfos: order.weights.map(({ role, weight }) => ({ role, weight })) });
    case "getQuota":
    case "getWeights":
      return noRequest;
    default:
      return order satisfies never;
  }
}

export const roleRpcs = {
  updateQuota: "UpdateQuota",
  setQuota: "SetQuota",
  removeQuota: "RemoveQuota",
  updateWeights: "UpdateWeights",
  getQuota: "GetQuota",
  getWeights: "GetWeights",
} as const satisfies Record<RoleOrderJson["kind"], string>;

/** What a question was answered with; undefined for an order, whose answer says nothing. */
export function decodeRoleAnswer(kind: RoleOrderJson["kind"], bytes: Uint8Array): RoleAnswerJson | undefined {
  switch (kind) {
    case "getQuota": {
      const configs = Response_GetQuota.decode(bytes).status?.configs ?? [];
      const quotas = configs.map(({ role, guarantees, limits }) => ({
        role,
        guarantees: toAmounts(guarantees),
        limits: toAmounts(limits),
      }));
      return { kind: "quotas", quotas };
    }
    case "getWeights": {
      const { weightInfos } = Response_GetWeights.decode(bytes);
      return { kind: "weights", weights: weightInfos.map(({ role = "", weight }) => ({ role, weight })) };
    }
    default:
      return undefined;
  }
}

export function isRoleOrderKind(kind: string): kind is RoleOrderJson["kind"] {
  return Object.hasOwn(roleRpcs, kind);
}

function toScalars(amounts: AmountsJson): Record<string, Value_Scalar> {
  return Object.fromEntries(Object.entries(amounts).map(([name, milli]) => [name, { value: milli / 1_000 }]));
}

function toAmounts(scalars: Readonly<Record<string, Value_Scalar>>): AmountsJson {
  return Object.fromEntries(Object.entries(scalars).map(([name, { value }]) => [name, Math.round(value * 1_000)]));
}

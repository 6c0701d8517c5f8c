/** GET_QUOTA: the quotas by name of role, in the form of UPDATE_QUOTA and in the older one. */

import { writeResources } from "../../../common/mesos-resources.ts";
import { toResources } from "../../../common/resources.ts";
import { compareText, fromMilli } from "../../../common/values.ts";
import type { Response_GetQuota } from "../../../protos/gen/mesos/v1/master/master.ts";
import type { QuotaConfig, QuotaInfo } from "../../../protos/gen/mesos/v1/quota/quota.ts";
import type { Quantities } from "../allocator/share.ts";
import type { Quota } from "../roles/quota.ts";
import type { MasterState } from "../state.ts";

export function getQuota({ quotas }: MasterState): Response_GetQuota {
  const entries = [...quotas.current].sort(([left], [right]) => compareText(left, right));
  return { status: { infos: entries.map(toQuotaInfo), configs: entries.map(toQuotaConfig) } };
}

export function toQuotaConfig([role, { guarantees, limits }]: readonly [role: string, quota: Quota]): QuotaConfig {
  return { role, guarantees: toScalars(guarantees), limits: toScalars(limits) };
}

function toScalars(quantities: Quantities): QuotaConfig["limits"] {
  return Object.fromEntries([...quantities].map(([name, milli]) => [name, { value: fromMilli(milli) }]));
}

function toQuotaInfo([role, { guarantees }]: readonly [role: string, quota: Quota]): QuotaInfo {
  const entries = [...guarantees].map(([name, milli]) => ({ name, value: { kind: "scalar", milli } as const, reservations: [] }));
  return { role, guarantee: writeResources(toResources(entries), "stack") };
}

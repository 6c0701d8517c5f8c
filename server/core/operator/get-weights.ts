/** GET_WEIGHTS: the weights that differ from 1, by name of role. */

import { compareText } from "../../../common/values.ts";
import type { Response_GetWeights } from "../../../protos/gen/mesos/v1/master/master.ts";
import type { MasterState } from "../state.ts";

export function getWeights({ weights }: MasterState): Response_GetWeights {
  const entries = [...weights.current].sort(([left], [right]) => compareText(left, right));
  return { weightInfos: entries.map(([role, weight]) => ({ role, weight })) };
}

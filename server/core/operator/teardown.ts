/** TEARDOWN by an operator: the end of a framework as by its own call, wherever its scheduler is. Answered when it is durable. */

import type { FrameworkId } from "../../../common/ids.ts";
import type { Refusal } from "../../../common/result.ts";
import { proposeCompletion } from "../frameworks.ts";
import type { CallId } from "../input.ts";
import type { Turn } from "../turn.ts";

export function teardown(turn: Turn, callId: CallId, frameworkId: FrameworkId): Refusal | undefined {
  const { frameworks, retiredFrameworks } = turn.state;
  const framework = frameworks.get(frameworkId);
  if (framework === undefined) {
    const why = retiredFrameworks.has(frameworkId) ? "has ended" : "is not known";
    return { code: "NOT_FOUND", message: `teardown.framework_id must be of a framework of the cluster, ${frameworkId} ${why}` };
  }
  if (framework.isCompleting) {
    return {
      code: "UNAVAILABLE",
      message: `teardown.framework_id must not be of a framework that is ending at this moment, ${frameworkId} is`,
    };
  }
  proposeCompletion(turn, framework, { by: "operator", callId });
  return undefined;
}

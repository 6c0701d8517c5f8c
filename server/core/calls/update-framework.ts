/**
 * UPDATE_FRAMEWORK: new settings for a subscribed framework, all of them or none. They hold, and the call is answered, once the
 * registry has them. Source: Mesos Master::updateFramework.
 */

import { assertDefined } from "../../../common/assert.ts";
import { type Refusal, refuse } from "../../../common/result.ts";
import { wantAllocation } from "../allocator/allocator.ts";
import { updateAgents } from "../frameworks.ts";
import type { CallId } from "../input.ts";
import { pendingUpdatesMax } from "../limits.ts";
import { rescindOffer } from "../offers.ts";
import { propose } from "../registrar.ts";
import type { RegistryOp } from "../registry-op.ts";
import { isSameMessage } from "../same-message.ts";
import type { Framework } from "../state.ts";
import { log, type Turn } from "../turn.ts";
import type { FrameworkDescription, UpdateFrameworkCall } from "./call.ts";
import { quoted, settingsProblem } from "./settings-problem.ts";

export function updateFramework(turn: Turn, framework: Framework, { callId, call }: { callId: CallId; call: UpdateFrameworkCall }): void {
  const { frameworkId } = framework;
  const refusal = updateRefusal(turn, framework, call);
  if (refusal !== undefined) {
    turn.emit({ kind: "reply", callId, refusal });
    return;
  }
  framework.proposedDescription = call.framework;
  framework.pendingUpdateCount += 1;
  const { framework: description, suppressedRoles, offerConstraints } = call;
  const settings = { framework: description, suppressedRoles, offerConstraints };
  propose(turn, { kind: "changeFramework", frameworkId, settings, callId });
}

/** The new settings are durable. */
export function frameworkChanged(turn: Turn, { frameworkId, settings, callId }: Extract<RegistryOp, { kind: "changeFramework" }>): void {
  const framework = assertDefined(turn.state.frameworks.get(frameworkId), `framework ${frameworkId} that changes`);
  const { description: before, suppressedRoles: suppressedBefore } = framework;
  const suppressed = new Set(settings.suppressedRoles);
  framework.pendingUpdateCount -= 1;
  framework.description = settings.framework;
  framework.suppressedRoles = suppressed;
  framework.offerConstraints = settings.offerConstraints;
  for (const role of before.roles) if (!settings.framework.roles.includes(role)) leaveRole(turn, framework, role);
  for (const role of suppressedBefore) if (!suppressed.has(role)) framework.filters.clearRole(role);
  if (!isSameMessage(before.info, settings.framework.info)) {
    log(turn, "framework updated", { frameworkId, name: settings.framework.name });
    updateAgents(turn, framework, { sameScheduler: true });
  }
  turn.emit({ kind: "reply", callId, refusal: undefined });
  wantAllocation(turn.state, "all");
}

/** Tasks stay; what was offered for the role goes back. */
function leaveRole(turn: Turn, framework: Framework, role: string): void {
  for (const offer of [...framework.offers]) if (offer.role === role) rescindOffer(turn, offer);
  framework.filters.clearRole(role);
}

function updateRefusal({ state, config }: Turn, framework: Framework, call: UpdateFrameworkCall): Refusal | undefined {
  if (state.pendingSubscriptions.has(framework.frameworkId)) {
    // It takes over soon, with settings of its own; this caller's would come after them.
    return { code: "UNAVAILABLE", message: `framework ${framework.frameworkId} is subscribing again` };
  }
  if (framework.pendingUpdateCount >= pendingUpdatesMax) {
    return {
      code: "RESOURCE_EXHAUSTED",
      message: `updates of a framework that wait for the registry must be at most ${pendingUpdatesMax}`,
    };
  }
  const problem = changeProblem(framework.proposedDescription, call.framework) ?? settingsProblem(config, call, "update_framework");
  return problem === undefined ? undefined : refuse("INVALID_ARGUMENT", problem).refusal;
}

/** What may not change after the first subscription. */
function changeProblem(before: FrameworkDescription, after: FrameworkDescription): string | undefined {
  const path = "update_framework.framework_info";
  if (after.principal !== before.principal) return `${path}.principal must stay ${quoted(before.principal)}, is ${quoted(after.principal)}`;
  if (after.user !== before.user) return `${path}.user must stay ${quoted(before.user)}, is ${quoted(after.user)}`;
  const [checkpointBefore, checkpointAfter] = [before.info.checkpoint ?? false, after.info.checkpoint ?? false];
  return checkpointAfter === checkpointBefore ? undefined : `${path}.checkpoint must stay ${checkpointBefore}, is ${checkpointAfter}`;
}

/** SUBSCRIBE and UPDATE_FRAMEWORK: who the framework is and what it wants to be offered. */

import { FrameworkId } from "../../common/ids.ts";
import { type Result, succeed } from "../../common/result.ts";
import type { Call } from "../../protos/gen/mesos/v1/scheduler/scheduler.ts";
import type { SchedulerCall, SubscribeCall } from "../core/calls/call.ts";
import { decodeSettings, findOtherIdProblem, withoutEmptyId } from "./decode-settings.ts";
import { refuseArgument } from "./rules.ts";

/** Reads a SUBSCRIBE. An empty framework id is the same as none: a new framework. */
export function decodeSubscribe(call: Call): Result<SubscribeCall> {
  const { subscribe } = call;
  if (subscribe?.frameworkInfo === undefined) return refuseArgument("subscribe must be set");
  const info = withoutEmptyId(subscribe.frameworkInfo);
  const callId = call.frameworkId?.value === "" ? undefined : call.frameworkId?.value;
  const problem = findOtherIdProblem("subscribe.framework_info", info, callId);
  if (problem !== undefined) return refuseArgument(problem);
  const settings = decodeSettings(subscribe, { info, path: "subscribe" });
  if (!settings.ok) return settings;
  return succeed({ frameworkId: info.id === undefined ? undefined : FrameworkId(info.id.value), ...settings.value });
}

/** Reads an UPDATE_FRAMEWORK. What may not change is for the core to say. */
export function decodeUpdateFramework(call: Call): Result<SchedulerCall> {
  const { updateFramework } = call;
  if (updateFramework?.frameworkInfo === undefined) return refuseArgument("update_framework must be set");
  const info = withoutEmptyId(updateFramework.frameworkInfo);
  const problem = findOtherIdProblem("update_framework.framework_info", info, call.frameworkId?.value);
  if (problem !== undefined) return refuseArgument(problem);
  const settings = decodeSettings(updateFramework, { info, path: "update_framework" });
  return settings.ok ? succeed({ kind: "updateFramework", ...settings.value }) : settings;
}

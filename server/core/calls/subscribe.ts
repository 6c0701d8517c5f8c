/**
 * SUBSCRIBE: a new framework, or the takeover of one. The stream is live once the registry has the framework.
 * Source: Mesos Master::subscribe.
 */

import { assert } from "../../../common/assert.ts";
import { FrameworkId, type StreamId } from "../../../common/ids.ts";
import { closeStream } from "../frameworks.ts";
import { frameworksMax, streamsMax } from "../limits.ts";
import { propose } from "../registrar.ts";
import type { SubscribingFramework } from "../registry-op.ts";
import type { MasterState } from "../state.ts";
import type { Turn } from "../turn.ts";
import type { FrameworkDescription, SubscribeCall } from "./call.ts";
import { quoted, settingsProblem } from "./settings-problem.ts";

export function subscribe(turn: Turn, streamId: StreamId, call: SubscribeCall): void {
  const { state } = turn;
  assert(!state.streams.has(streamId), `stream ${streamId} subscribes twice`);
  if (state.streams.size >= streamsMax) {
    closeStream(turn, streamId, { code: "RESOURCE_EXHAUSTED", message: `scheduler streams must be at most ${streamsMax}` });
    return;
  }
  const isKnown = call.frameworkId !== undefined && state.frameworks.has(call.frameworkId);
  if (!isKnown && state.frameworks.size >= frameworksMax) {
    closeStream(turn, streamId, { code: "RESOURCE_EXHAUSTED", message: `frameworks must be at most ${frameworksMax}` });
    return;
  }
  if (call.frameworkId !== undefined && state.frameworks.get(call.frameworkId)?.isCompleting === true) {
    // Its end is not durable yet: a later leader may have it still.
    closeStream(turn, streamId, { code: "UNAVAILABLE", message: `framework ${call.frameworkId} is being removed` });
    return;
  }
  const problem = subscribeProblem(turn, call);
  if (problem !== undefined) {
    turn.emit({ kind: "sendToScheduler", streamId, event: { kind: "error", message: problem } });
    closeStream(turn, streamId, undefined);
    return;
  }
  const frameworkId = call.frameworkId ?? newFrameworkId(turn);
  const known = describedAs(state, frameworkId);
  const framework = withStoredFields(frameworkId, call.framework, known);
  const { suppressedRoles, offerConstraints } = call;
  const subscribing: SubscribingFramework = { frameworkId, framework, suppressedRoles, offerConstraints, streamId };
  state.streams.set(streamId, { streamId, frameworkId });
  const pendingCount = state.pendingSubscriptions.get(frameworkId)?.count ?? 0;
  state.pendingSubscriptions.set(frameworkId, { count: pendingCount + 1, description: framework });
  // Whatever deadline the framework had, it is back.
  state.deadlines.failovers.delete(frameworkId);
  propose(turn, { kind: known === undefined ? "admitFramework" : "updateFramework", subscribing });
}

/** The rule that the subscription breaks, as the ERROR event says it. */
function subscribeProblem({ state, config }: Turn, call: SubscribeCall): string | undefined {
  const { frameworkId, framework } = call;
  const problem = settingsProblem(config, call, "subscribe");
  if (problem !== undefined || frameworkId === undefined) return problem;
  if (state.retiredFrameworks.has(frameworkId)) {
    return `subscribe.framework_info.id must not be of a framework that was removed, is ${frameworkId}`;
  }
  const known = describedAs(state, frameworkId);
  if (known !== undefined && known.principal !== framework.principal) {
    return `subscribe.framework_info.principal must stay ${quoted(known.principal)}, is ${quoted(framework.principal)}`;
  }
  return undefined;
}

function describedAs(state: MasterState, frameworkId: FrameworkId): FrameworkDescription | undefined {
  return state.pendingSubscriptions.get(frameworkId)?.description ?? state.frameworks.get(frameworkId)?.proposedDescription;
}

/** User and checkpoint stay as they were first; the id is filled in. Source: Mesos, the same. */
function withStoredFields(
  frameworkId: FrameworkId,
  framework: FrameworkDescription,
  known: FrameworkDescription | undefined,
): FrameworkDescription {
  const user = known?.user ?? framework.user;
  const checkpoint = known === undefined ? framework.info.checkpoint : known.info.checkpoint;
  return { ...framework, user, info: { ...framework.info, id: { value: frameworkId }, user, checkpoint } };
}

/** At least four digits. Source: Mesos Master::newFrameworkId. */
function newFrameworkId({ config, state }: Turn): FrameworkId {
  return FrameworkId(`${config.masterId}-${String(state.counters.frameworks++).padStart(4, "0")}`);
}

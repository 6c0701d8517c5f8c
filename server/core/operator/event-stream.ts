/**
 * SUBSCRIBE of operators: the first event is the state, every later one a change of it, with no gap in between. A stream that ends is
 * forgotten; whoever comes back begins with the state anew.
 */

import type { StreamId } from "../../../common/ids.ts";
import { operatorStreamsMax } from "../limits.ts";
import type { MasterState } from "../state.ts";
import type { Turn } from "../turn.ts";
import { getState } from "./get-state.ts";
import { publishChanges, rememberAll } from "./publish-changes.ts";

export function subscribeOperator(turn: Turn, streamId: StreamId): void {
  const { state, config } = turn;
  const { streams } = state.watch;
  // What this step has changed already is in the state.
  publishChanges(turn);
  const [oldest] = streams;
  if (streams.size >= operatorStreamsMax && oldest !== undefined) evict(turn, oldest);
  if (streams.size === 0) rememberAll(state);
  streams.add(streamId);
  const { heartbeatIntervalMs } = config;
  turn.emit({
    kind: "sendToOperators",
    streamIds: [streamId],
    event: { kind: "subscribed", state: getState(state), heartbeatIntervalMs },
  });
  sendOperatorHeartbeat(turn, streamId);
}

export function operatorStreamClosed(state: MasterState, streamId: StreamId): void {
  const { watch, deadlines } = state;
  watch.streams.delete(streamId);
  deadlines.operatorHeartbeats.delete(streamId);
  if (watch.streams.size > 0) return;
  const { agents, frameworks, tasks } = watch.changed;
  for (const kept of [watch.agents, watch.frameworks, agents, frameworks, tasks]) kept.clear();
}

export function sendOperatorHeartbeat(turn: Turn, streamId: StreamId): void {
  turn.emit({ kind: "sendToOperators", streamIds: [streamId], event: { kind: "heartbeat" } });
  turn.state.deadlines.operatorHeartbeats.set(streamId, turn.nowMs + turn.config.heartbeatIntervalMs);
}

/** The oldest makes room, as in the reference. */
function evict(turn: Turn, streamId: StreamId): void {
  operatorStreamClosed(turn.state, streamId);
  const message = `event streams of operators must be at most ${operatorStreamsMax}; this was the oldest`;
  turn.emit({ kind: "closeOperatorStream", streamId, refusal: { code: "RESOURCE_EXHAUSTED", message } });
}

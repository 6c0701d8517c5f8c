/** What operators' event streams are told, as bytes of mesos.v1.master.Event. */

import { encodeMessage } from "../../common/encode-message.ts";
import { writeTaskState } from "../../common/mesos-task-status.ts";
import { Event, Event_Type as EventType } from "../../protos/gen/mesos/v1/master/master.ts";
import type { OperatorEvent } from "../core/operator/operator-event.ts";

/** What follows the first event. */
export type OperatorChange = Exclude<OperatorEvent, { kind: "subscribed" }>;

/** Bytes of one event. */
export function encodeOperatorEvent(event: OperatorChange): Uint8Array {
  return encodeMessage(Event, toEvent(event));
}

function toEvent(event: OperatorChange): Event {
  switch (event.kind) {
    case "heartbeat":
      return { type: EventType.HEARTBEAT };
    case "taskAdded":
      return { type: EventType.TASK_ADDED, taskAdded: { task: event.task } };
    case "taskUpdated": {
      const { frameworkId, status, state } = event;
      return {
        type: EventType.TASK_UPDATED,
        taskUpdated: { frameworkId: { value: frameworkId }, status, state: writeTaskState(state) },
      };
    }
    case "agentAdded":
      return { type: EventType.AGENT_ADDED, agentAdded: { agent: event.agent } };
    case "agentRemoved":
      return { type: EventType.AGENT_REMOVED, agentRemoved: { agentId: { value: event.agentId } } };
    case "frameworkAdded":
      return { type: EventType.FRAMEWORK_ADDED, frameworkAdded: { framework: event.framework } };
    case "frameworkUpdated":
      return { type: EventType.FRAMEWORK_UPDATED, frameworkUpdated: { framework: event.framework } };
    case "frameworkRemoved":
      return { type: EventType.FRAMEWORK_REMOVED, frameworkRemoved: { frameworkInfo: event.info } };
  }
}

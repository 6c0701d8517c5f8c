/** A call with the id of a stream that a newer one replaced: a scheduler that does not know yet that another has taken over. */

import fc from "fast-check";
import type { CallJson } from "../../history/event.ts";
import { type CommandKind, position } from "../command.ts";
import type { Framework } from "../framework.ts";
import { at } from "../world.ts";

export interface CallOnOldStreamStep {
  readonly kind: "callOnOldStream";
  readonly framework: number;
  readonly call: "kill" | "revive" | "reconcile" | "teardown";
  readonly task: number;
}

export const callOnOldStream: CommandKind<CallOnOldStreamStep> = {
  arbitrary: fc.record({
    kind: fc.constant("callOnOldStream"),
    framework: position,
    call: fc.constantFrom("kill", "kill", "revive", "reconcile", "teardown"),
    task: position,
  }),
  check: (world, step) => world.framework(step.framework).isSubscribed && world.framework(step.framework).oldStreamId !== undefined,
  run(world, step) {
    const framework = world.framework(step.framework);
    const { oldStreamId } = framework;
    if (oldStreamId !== undefined) framework.send(toCall(framework, step), { streamId: oldStreamId });
  },
};

function toCall(framework: Framework, { call, task }: CallOnOldStreamStep): CallJson {
  const live = framework.liveTasks();
  switch (call) {
    case "kill":
      return { kind: "kill", taskId: live.length === 0 ? `${framework.name}-nobody` : at(live, task).taskId };
    case "revive":
      return { kind: "revive", roles: [] };
    case "reconcile":
      return { kind: "reconcile", tasks: live.map(({ taskId, agentId }) => ({ taskId, agentId })) };
    case "teardown":
      return { kind: "teardown" };
  }
}

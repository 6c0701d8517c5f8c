/** The RPCs that start, watch and end containers within those of tasks and executors, in their older and newer form. */

import { type Result, succeed } from "../../common/result.ts";
import type { Method } from "../../runtime/grpc/server.ts";
import { toStatus } from "../../runtime/grpc/status.ts";
import {
  decodeKill,
  decodeNamed,
  encodeWait,
  type KillName,
  type LaunchName,
  type RemoveName,
  type WaitName,
} from "../wire/nested-calls.ts";
import { type FindAccess, prepareLaunch, recovers } from "./nested-access.ts";
import { attachInput, launchSession } from "./session-methods.ts";

export function createNestedMethods(access: FindAccess): ReadonlyMap<string, Method> {
  const launches = ["LaunchNestedContainer", "LaunchContainer"] as const;
  const waits = ["WaitNestedContainer", "WaitContainer"] as const;
  const kills = ["KillNestedContainer", "KillContainer"] as const;
  const removes = ["RemoveNestedContainer", "RemoveContainer"] as const;
  return new Map<string, Method>([
    ...launches.map((name) => [name, launch(access, name)] as const),
    ...waits.map((name) => [name, wait(access, name)] as const),
    ...kills.map((name) => [name, kill(access, name)] as const),
    ...removes.map((name) => [name, remove(access, name)] as const),
    ["LaunchNestedContainerSession", launchSession(access)],
    ["AttachContainerInput", attachInput(access)],
  ]);
}

function launch(access: FindAccess, name: LaunchName): Method {
  return unary(async (bytes) => {
    const request = prepareLaunch(access(), name, bytes);
    if (!request.ok) return request;
    const launched = await request.value.nested.launch(request.value);
    return launched.ok ? succeed(new Uint8Array()) : launched;
  });
}

function wait(access: FindAccess, name: WaitName): Method {
  return {
    kind: "unary",
    handle: (unaryCall, answer) => {
      const containerId = decodeNamed(name, unaryCall.request);
      const nested = access()?.nested;
      const cancel = !containerId.ok
        ? containerId
        : nested === undefined
          ? recovers
          : nested.wait(containerId.value, (exit) => {
              if (exit === undefined)
                answer(toStatus({ code: "UNAVAILABLE", message: "the container was not launched, or the agent ends" }));
              else answer(null, encodeWait(exit));
            });
      if (cancel.ok) unaryCall.on("cancelled", cancel.value);
      else answer(toStatus(cancel.refusal));
    },
  };
}

function kill(access: FindAccess, name: KillName): Method {
  return unary(async (bytes) => {
    const order = decodeKill(name, bytes);
    if (!order.ok) return order;
    const done = (await access()?.nested.signal(order.value.containerId, order.value.signal)) ?? recovers;
    return done.ok ? succeed(new Uint8Array()) : done;
  });
}

function remove(access: FindAccess, name: RemoveName): Method {
  return unary(async (bytes) => {
    const containerId = decodeNamed(name, bytes);
    if (!containerId.ok) return containerId;
    const done = (await access()?.nested.remove(containerId.value)) ?? recovers;
    return done.ok ? succeed(new Uint8Array()) : done;
  });
}

/** What rejects is a bug and ends the process. */
function unary(answerOf: (bytes: Uint8Array) => Promise<Result<Uint8Array>>): Method {
  return {
    kind: "unary",
    handle: ({ request }, answer) => {
      void answerOf(request).then((result) => {
        if (result.ok) answer(null, result.value);
        else answer(toStatus(result.refusal));
      });
    },
  };
}

/** Somebody who is no agent speaks for one: says that it leaves, wants to take it over, or reports what frameworks would believe. */

import fc from "fast-check";
import type { ClaimJson } from "../../history/claim-json.ts";
import { type CommandKind, position } from "../command.ts";
import { at, type World } from "../world.ts";
import { executorIdOf } from "./accept-offer.ts";
import { type AgentStep, chosenAgent, hasAgent } from "./agent-choice.ts";

export interface ImpersonateAgentStep extends AgentStep {
  readonly kind: "impersonateAgent";
  readonly what: "farewell" | "takeOver" | "report" | "pong";
  /** Whether it brings a credential that it has guessed; who takes over has to bring one. */
  readonly guesses: boolean;
  readonly framework: number;
  readonly task: number;
  /** 16 bytes in hexadecimal digits, by which what it says is known again. */
  readonly mark: string;
}

export const impersonateAgent: CommandKind<ImpersonateAgentStep> = {
  arbitrary: fc.record({
    kind: fc.constant("impersonateAgent"),
    agent: position,
    which: fc.constantFrom("current", "current", "current", "former"),
    what: fc.constantFrom("farewell", "farewell", "takeOver", "takeOver", "report", "pong"),
    guesses: fc.boolean(),
    framework: position,
    task: position,
    mark: fc.array(fc.constantFrom(..."0123456789abcdef"), { minLength: 32, maxLength: 32 }).map((digits) => digits.join("")),
  }),
  check: hasAgent,
  run(world, step) {
    const agentId = chosenAgent(world, step);
    world.impostor.speakFor(agentId, toClaims(world, step, agentId));
  },
};

function toClaims(world: World, step: ImpersonateAgentStep, agentId: string): readonly ClaimJson[] {
  const { mark, guesses } = step;
  switch (step.what) {
    case "farewell":
      return [{ kind: "leaving" }, { kind: "unregister", ...(guesses ? { credential: mark } : {}) }];
    case "takeOver":
      return [
        { kind: "reregister", hostname: world.operator.nodeOf(agentId) ?? "nobody", credential: mark },
        { kind: "pong" },
        ...reports(world, step),
      ];
    case "report":
      return reports(world, step);
    case "pong":
      return [{ kind: "pong" }, { kind: "leaving" }];
  }
}

/** About a task of the framework, and an executor and an operation that it may have. */
function reports(world: World, { framework: index, task, mark }: ImpersonateAgentStep): ClaimJson[] {
  const framework = world.framework(index);
  const { frameworkId } = framework;
  if (frameworkId === undefined) return [{ kind: "pong" }];
  const live = framework.liveTasks();
  const known = live.length === 0 ? undefined : at(live, task);
  const executorId = known?.executorId ?? executorIdOf(framework, 0);
  return [
    { kind: "update", frameworkId, taskId: known?.taskId ?? `${framework.name}-nobody`, uuid: mark },
    { kind: "operationUpdate", frameworkId, operationId: `${framework.name}-operation-1`, uuid: mark },
    { kind: "exitedExecutor", frameworkId, executorId, status: Number.parseInt(mark.slice(0, 6), 16) + 1_000 },
    { kind: "executorMessage", frameworkId, executorId, data: mark },
  ];
}

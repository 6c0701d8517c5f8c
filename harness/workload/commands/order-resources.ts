/** ReserveResources and its kin: an operator changes what an agent has free or has only offered, and sometimes more than that. */

import fc from "fast-check";
import { ResourceSum } from "../../checkers/resource-sum.ts";
import type { AgentSnapshot, ResourceJson } from "../../history/event.ts";
import { kindOf } from "../../history/resource-json.ts";
import { type CommandKind, position } from "../command.ts";
import { changeBuilders, type OperationKind } from "../resource-changes.ts";
import { at } from "../world.ts";

export interface OrderResourcesStep {
  readonly kind: "orderResources";
  /** Position among the agents that the leader has. */
  readonly agent: number;
  readonly role: "batch" | "web" | "web/ads";
  readonly operation: OperationKind;
  /** Which of the resources that it can be done to. */
  readonly resource: number;
  readonly milli: number;
  readonly isShared: boolean;
  /** "held": what tasks hold as well. */
  readonly twist: "none" | "held" | "tooMuch" | "unknownAgent";
}

export const orderResources: CommandKind<OrderResourcesStep> = {
  arbitrary: fc.record({
    kind: fc.constant("orderResources"),
    agent: position,
    role: fc.constantFrom("batch", "web", "web/ads"),
    operation: fc.constantFrom(...(Object.keys(changeBuilders) as OperationKind[])),
    resource: position,
    milli: fc.constantFrom(500, 64_000),
    isShared: fc.boolean(),
    twist: fc.oneof(
      { weight: 6, arbitrary: fc.constant("none" as const) },
      { weight: 1, arbitrary: fc.constantFrom("held" as const, "tooMuch" as const, "unknownAgent" as const) },
    ),
  }),
  check: () => true,
  async run(world, step) {
    const agents = (await world.cluster.agents()) ?? [];
    if (agents.length === 0) return;
    const agent = at(agents, step.agent);
    const resources = step.twist === "held" ? agent.total : unallocated(agent);
    const { role, resource, milli, isShared } = step;
    const change = changeBuilders[step.operation]({
      resources,
      role,
      resource,
      milli,
      isShared,
      volumeId: `operator-volume-${step.resource}`,
    });
    const agentId = step.twist === "unknownAgent" ? "agent-of-nobody" : agent.agentId;
    for (const operation of change?.operations ?? []) {
      const wanted = step.twist === "tooMuch" ? operation.resources.map((entry) => ({ ...entry, milli: 1e9 })) : operation.resources;
      world.operator.orderResources({ kind: "changeResources", agentId, operation: { ...operation, resources: wanted } });
    }
  },
};

/** What no task and no executor holds. */
function unallocated({ total, allocated }: AgentSnapshot): ResourceJson[] {
  const held = ResourceSum.exact(allocated);
  return total.flatMap((entry) => {
    const milli = (entry.milli ?? 0) - held.milli(kindOf(entry));
    return milli > 0 ? [{ ...entry, milli }] : [];
  });
}

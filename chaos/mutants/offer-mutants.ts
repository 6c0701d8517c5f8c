/** Planted bugs around offers, filters and the books of resources. */

import { acts } from "./acts.ts";
import type { Mutant } from "./mutant.ts";

const accept = "server/core/calls/accept.ts";
const validateOffers = "server/core/calls/validate-offers.ts";
const validateTask = "server/core/calls/validate-task.ts";

export const offerMutants: readonly Mutant[] = [
  {
    id: "M37",
    title: "an offer that was accepted can be accepted again",
    breaks: ["S03"],
    file: validateOffers,
    search: `    const offer = state.offers.get(offerId);
    if (offer === undefined) return invalid(\`offer \${offerId} is no longer valid\`);`,
    replace: `    const books = state as { recentOffers?: Map<OfferId, Offer> };
    books.recentOffers ??= new Map();
    const offer = state.offers.get(offerId) ?? books.recentOffers.get(offerId);
    const isGone = offer === undefined || state.agents.get(offer.agent.agentId) !== offer.agent;
    if (isGone) return invalid(\`offer \${offerId} is no longer valid\`);
    if (!state.offers.has(offerId)) ${acts("M37")};
    books.recentOffers.set(offerId, offer);`,
  },
  {
    id: "M38",
    title: "another framework may use an offer",
    breaks: ["S04"],
    file: validateOffers,
    search: "if (offer.framework !== framework) return",
    replace: `if (offer.framework !== framework) ${acts("M38")}; else if (offer.framework !== framework) return`,
  },
  {
    id: "M39",
    title: "the resources of a rescinded offer are not returned",
    breaks: ["S49", "L01"],
    file: "server/core/offers.ts",
    search: "  discardOffer(turn.state, offer);\n  sendEvent(",
    replace: `  ${acts("M39")};\n  consumeOffer(turn.state, offer);\n  sendEvent(`,
  },
  {
    id: "M40",
    title: "the resources of an invalid ACCEPT are not returned",
    breaks: ["S49", "L01"],
    file: accept,
    search: "    for (const offer of ownOffers(state, framework, call.offerIds)) discardOffer(state, offer);",
    replace: `    for (const offer of ownOffers(state, framework, call.offerIds)) {
      ${acts("M40")};
      consumeOffer(state, offer);
    }`,
  },
  {
    id: "M41",
    title: "what an ACCEPT leaves of an offer is not returned",
    breaks: ["L01"],
    file: accept,
    search: "  returnResources(state, { ...first, resources: addResources(rest.usable, rest.aside) });",
    replace: `  if (rest.usable.length > 0) ${acts("M41")};`,
  },
  {
    id: "M42",
    title: "the resources of an ended task are returned a second time when it is removed",
    breaks: ["S01"],
    file: "server/core/tasks.ts",
    search: "  if (!task.holdsResources) return;\n  task.holdsResources = false;",
    replace: `  if (!task.holdsResources) ${acts("M42")};\n  task.holdsResources = false;`,
  },
  {
    id: "M43",
    title: "filters never expire",
    breaks: ["L02"],
    file: "server/core/allocator/filters.ts",
    search: "    const alive = filters.filter((filter) => filter.untilMs > nowMs);",
    replace: `    const alive = filters;
    if (filters.some((filter) => filter.untilMs <= nowMs)) ${acts("M43")};`,
  },
  {
    id: "M45",
    title: "REVIVE does not clear filters",
    breaks: ["L02"],
    file: "server/core/calls/revive.ts",
    search: "  for (const role of roles) framework.filters.clearRole(role);",
    replace: `  ${acts("M45")};`,
  },
  {
    id: "M51",
    title: "the offers of a framework that disconnected are not taken back",
    breaks: ["S49", "L01"],
    file: "server/core/frameworks.ts",
    search: "  state.deadlines.heartbeats.delete(framework.frameworkId);\n  withdrawOffers(state, framework);",
    replace: `  state.deadlines.heartbeats.delete(framework.frameworkId);
  if (framework.offers.size > 0) ${acts("M51")};
  framework.filters.clear();`,
  },
  {
    id: "M53",
    title: "the resources of a task may exceed the offer",
    breaks: ["S08"],
    file: validateTask,
    search: "  if (shortage !== undefined) {\n",
    replace: `  if (shortage !== undefined) ${acts("M53")};\n  if (shortage === "") {\n`,
  },
  {
    id: "M54",
    title: "a launch with the id of a live task is accepted",
    breaks: ["S16"],
    file: validateTask,
    search: `  if (framework.tasks.has(task.taskId)) return \`task_id must not be in use, \${task.taskId} is a task of this framework\`;`,
    replace: `  if (framework.tasks.has(task.taskId)) ${acts("M54")};`,
  },
  {
    id: "M87",
    title: "agents that are not connected are offered",
    breaks: ["S06"],
    file: "server/core/allocator/offerable.ts",
    search: "  if (agent.linkId === undefined || state.agents.get(agentId) !== agent) return false;",
    replace: `  if (agent.linkId === undefined) ${acts("M87")};
  if (state.agents.get(agentId) !== agent) return false;`,
  },
];

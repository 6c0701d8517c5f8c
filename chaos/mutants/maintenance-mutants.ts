/** Planted bugs in the maintenance of machines. */

import { acts } from "./acts.ts";
import type { Mutant } from "./mutant.ts";

const answers = "server/core/calls/answer-inverse-offers.ts";
const apply = "server/core/maintenance/apply-schedule.ts";
const change = "server/core/maintenance/change-schedule.ts";
const deadline = "server/core/maintenance/deadline.ts";
const inverseOffers = "server/core/inverse-offers.ts";

export const maintenanceMutants: readonly Mutant[] = [
  {
    id: "M71",
    title: "inverse offers for the old window stay when the schedule changes",
    breaks: ["S36"],
    file: apply,
    search: "  rescindAgentOffers(turn, agent);\n  const isAskedAnew",
    replace: `  const kept = is === undefined ? [] : [...agent.inverseOffers];
  if (kept.length > 0) ${acts("M71")};
  for (const [frameworkId] of kept) agent.inverseOffers.delete(frameworkId);
  rescindAgentOffers(turn, agent);
  for (const [frameworkId, inverseOffer] of kept) agent.inverseOffers.set(frameworkId, inverseOffer);
  const isAskedAnew`,
  },
  {
    id: "M72",
    title: "nobody is told that inverse offers are over when the schedule is cleared or the agent leaves",
    breaks: ["S36"],
    file: "server/core/agents/agent-offers.ts",
    search: "  for (const inverseOffer of [...agent.inverseOffers.values()]) rescindInverseOffer(turn, inverseOffer);",
    replace: `  for (const inverseOffer of [...agent.inverseOffers.values()]) {
    const { agents, agentChanges, maintenance } = turn.state;
    const isOver = maintenance.machines.size === 0 || agentChanges.has(agent.agentId) || agents.get(agent.agentId) !== agent;
    if (isOver) ${acts("M72")};
    rescindInverseOffer(isOver ? { ...turn, emit: () => undefined } : turn, inverseOffer);
  }`,
  },
  {
    id: "M74",
    title: "every framework is asked, also those that have nothing on the agent",
    breaks: ["S35"],
    file: inverseOffers,
    search: "  for (const { key } of agent.operations) add(key.frameworkId);\n  return holders;",
    replace: `  for (const { key } of agent.operations) add(key.frameworkId);
  for (const framework of state.frameworks.values()) {
    if (holders.has(framework)) continue;
    ${acts("M74")};
    holders.add(framework);
  }
  return holders;`,
  },
  {
    id: "M75",
    title: "anybody may answer an inverse offer",
    breaks: ["S04", "S37"],
    file: answers,
    search: "    if ((state.inverseOffers.get(id)?.framework ?? framework) === framework) continue;",
    replace: `    if ((state.inverseOffers.get(id)?.framework ?? framework) !== framework) ${acts("M75")};
    if (config.allocationIntervalMs > 0) continue;`,
  },
  {
    id: "M76",
    title: "the next leader forgets the maintenance schedule",
    breaks: ["S43", "S39", "S40"],
    file: "server/core/recovery.ts",
    search: "  restoreSchedule(turn, schedule);",
    replace: `  if (schedule.length > 0) ${acts("M76")};
  restoreSchedule(turn, []);`,
  },
  {
    id: "M78",
    title: "the agents of a machine that is DOWN stay",
    breaks: ["S40"],
    file: "server/core/maintenance/removal.ts",
    search: '  if (machine.mode === "down") removeAgent(turn, agentId, downReason(machine));',
    replace: `  if (machine.mode === "down") downReason(machine) === "" || ${acts("M78")};`,
  },
  {
    id: "M84",
    title: "an order about maintenance is acknowledged before it is written",
    breaks: ["S43", "S38"],
    file: change,
    search: '  propose(turn, { kind: "changeSchedule", schedule, callId });',
    replace: `  if (callId !== undefined) {
    ${acts("M84")};
    turn.emit({ kind: "operatorReply", callId, response: { kind: "done" } });
  }
  propose(turn, { kind: "changeSchedule", schedule, callId: undefined });`,
  },
  {
    id: "M150",
    title: "a new agent on a machine that is DOWN is let in",
    breaks: ["S40"],
    file: "server/core/agents/registration.ts",
    search: '  if (machine?.mode === "down") {',
    replace: `  if (machine?.mode === "down") ${acts("M150")};
  if (machine?.mode === "down" && state.agents.size < 0) {`,
  },
  {
    id: "M151",
    title: "a schedule may leave out machines that are DOWN",
    breaks: ["S38"],
    file: change,
    search: '    if (mode !== "down" || planned.has(key)) continue;',
    replace: `    if (mode === "down" && !planned.has(key)) ${acts("M151")};
    if (before.size > 0) continue;`,
  },
  {
    id: "M152",
    title: "offers keep their window to themselves once the framework has answered",
    breaks: ["S39"],
    file: "server/core/offers.ts",
    search: "      unavailability: machineOf(turn.state, agent.description)?.unavailability,",
    replace: `      unavailability:
        agent.inverseAnswers.size > 0
          ? (${acts("M152")} as undefined)
          : machineOf(turn.state, agent.description)?.unavailability,`,
  },
  {
    id: "M153",
    title: "the filter of an answer to an inverse offer is ignored",
    breaks: ["S42"],
    file: answers,
    search: "    if (refuseMs > 0) framework.inverseFilters.set(agent.agentId, nowMs + Math.max(refuseMs, config.allocationIntervalMs));",
    replace: `    if (refuseMs > 0) ${acts("M153")};
    framework.inverseFilters.set(agent.agentId, nowMs + config.allocationIntervalMs);`,
  },
  {
    id: "M154",
    title: "a framework is asked again while it is asked",
    breaks: ["S37"],
    file: inverseOffers,
    search: "  if (agent.inverseOffers.has(framework.frameworkId)) return false;",
    replace: `  if (agent.inverseOffers.has(framework.frameworkId)) ${acts("M154")};`,
  },
  {
    id: "M155",
    title: "the start of a window takes nothing",
    breaks: ["S56"],
    file: deadline,
    search: '  if (turn.config.maintenance === "enforce") beginRevocations(turn);',
    replace: `  if (turn.config.maintenance === "operator") beginRevocations(turn);
  else ${acts("M155")};`,
  },
  {
    id: "M156",
    title: "a window that began under an earlier leader takes nothing",
    breaks: ["S56"],
    file: apply,
    search: "  turn.state.maintenance.proposed = schedule;\n  checkEveryAgent(turn.state);",
    replace: `  turn.state.maintenance.proposed = schedule;
  const isBegun = schedule.some(({ machines }) => machines.some(({ revocation }) => revocation !== undefined));
  if (isBegun) {
    ${acts("M156")};
    const windows = schedule.map((one) => ({ ...one, machines: one.machines.map((machine) => ({ ...machine, revocation: undefined })) }));
    takeSchedule(turn.state, windows);
    return;
  }
  checkEveryAgent(turn.state);`,
  },
  {
    id: "M157",
    title: "only frameworks with an offer of the agent are asked, not those with tasks",
    breaks: ["L11"],
    file: inverseOffers,
    search: "  for (const { frameworkId, holdsResources } of agent.tasks) if (holdsResources) add(frameworkId);",
    replace: `  if (agent.tasks.size > 0) ${acts("M157")};`,
  },
  {
    id: "M158",
    title: "who answered an inverse offer is never asked again",
    breaks: ["L11"],
    file: inverseOffers,
    search: "  return filteredUntilMs === undefined || filteredUntilMs <= nowMs;",
    replace: `  if (filteredUntilMs !== undefined && filteredUntilMs <= nowMs) ${acts("M158")};
  return filteredUntilMs === undefined;`,
  },
];

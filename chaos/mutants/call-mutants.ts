/** Planted bugs around what is checked of calls and messages before they take effect. */

import { acts } from "./acts.ts";
import type { Mutant } from "./mutant.ts";

export const callMutants: readonly Mutant[] = [
  {
    id: "M90",
    title: "an acknowledgement with an empty uuid ends the master",
    breaks: ["S46", "S47"],
    prey: "fuzz",
    file: "server/wire/decode.ts",
    search:
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the source of a template.
      "  if (uuid.length !== uuidBytes) return refuseArgument(`acknowledge.uuid must have ${uuidBytes} bytes, has ${uuid.length}`);",
    replace: `  if (uuid.length !== uuidBytes) {
    ${acts("M90")};
    throw new RangeError("uuid must have 16 bytes");
  }`,
  },
  {
    id: "M100",
    title: "the ids of offers start over with each leader",
    breaks: ["S02"],
    file: "server/core/offers.ts",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the source of a template.
    search: "OfferId(`${config.masterId}-O${state.counters.offers++}`)",
    replace: `OfferId(\`O\${state.counters.offers++}\`);\n  ${acts("M100")}`,
  },
  {
    id: "M101",
    title: "an ACCEPT may name offers of several agents",
    breaks: ["S05"],
    file: "server/core/calls/validate-offers.ts",
    search: "    if (offer.agent !== first.agent) {",
    replace: `    if (offer.agent !== first.agent) ${acts("M101")};\n    if (offer.agent !== offer.agent) {`,
  },
  {
    id: "M102",
    title: "only the first offer of an allocation is sent",
    breaks: ["S32"],
    file: "server/core/offers.ts",
    search: "    offers: offers.map((",
    replace: `    offers: offers.filter((_, index) => index === 0 || ${acts("M102")}).map((`,
  },
  {
    id: "M103",
    title: "a leader waits for ever for the agents that an earlier one had",
    breaks: ["L06", "convergence"],
    file: "server/core/agents/missing.ts",
    search: "  if (agent !== undefined) proposeUnreachable(turn, agentId, agent);",
    replace: `  if (recoveredAgents.has(agentId)) ${acts("M103")};
  else if (agent !== undefined) proposeUnreachable(turn, agentId, agent);`,
  },
  {
    id: "M109",
    title: "a KILL in the same instant as its launch is taken as if it came before it, and dropped",
    breaks: ["S34"],
    file: "server/core/calls/dispatch.ts",
    search: `function handleCall(turn: Turn, framework: Framework, call: QuickCall): Refusal | undefined {
`,
    replace: `let before: { framework: Framework; nowMs: number; taskIds: Set<string> } | undefined;

function handleCall(turn: Turn, framework: Framework, call: QuickCall): Refusal | undefined {
  if (call.kind === "accept") before = { framework, nowMs: turn.nowMs, taskIds: new Set(framework.tasks.keys()) };
  const isTooSoon = call.kind === "kill" && before?.framework === framework && before.nowMs === turn.nowMs;
  if (isTooSoon && framework.tasks.has(call.taskId) && !before.taskIds.has(call.taskId)) {
    ${acts("M109")};
    return undefined;
  }
`,
  },
];

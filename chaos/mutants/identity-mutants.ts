/** Planted bugs around who may speak for an agent. */

import { acts } from "./acts.ts";
import type { Mutant } from "./mutant.ts";

export const identityMutants: readonly Mutant[] = [
  {
    id: "M180",
    title: "whoever knows the id of an agent may say that it leaves, or come back as it",
    breaks: ["S23"],
    file: "server/core/agents/identity.ts",
    search: "  if (expected === undefined || expected === credential) return false;",
    replace: `  if (expected !== undefined && expected !== credential) ${acts("M180")};\n  if (agentId !== "") return false;`,
  },
  {
    id: "M181",
    title: "an update counts for the agent that it names, whoever says it",
    breaks: ["S23"],
    file: "server/core/status-updates.ts",
    search: "  const agent = link.agentId === undefined ? undefined : state.agents.get(link.agentId);",
    replace: `  if (link.agentId === undefined) ${acts("M181")};
  const agent = state.agents.get(link.agentId ?? update.status.agentId?.value);`,
  },
  {
    id: "M182",
    title: "anybody may announce that an agent is about to leave",
    breaks: ["S23", "L13", "convergence"],
    file: "server/core/agents/departure.ts",
    search: "  if (agent?.linkId !== link.linkId || state.agentChanges.has(agentId)) return;",
    replace: `  if (agent === undefined || state.agentChanges.has(agentId)) return;
  if (agent.linkId !== link.linkId) ${acts("M182")};`,
  },
];

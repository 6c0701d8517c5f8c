/** Planted bugs in the event stream of operators. */

import { acts } from "./acts.ts";
import type { Mutant } from "./mutant.ts";

const changes = "server/core/operator/publish-changes.ts";

export const eventStreamMutants: readonly Mutant[] = [
  {
    id: "M170",
    title: "readers of the event stream do not hear that agents are gone",
    breaks: ["S63"],
    file: changes,
    search: '  for (const agentId of lostAgents) publish(turn, { kind: "agentRemoved", agentId });',
    replace: `  if (lostAgents.length > 0) ${acts("M170")};`,
  },
  {
    id: "M171",
    title: "readers of the event stream do not hear what the master says of tasks by itself",
    breaks: ["S63"],
    file: "server/core/tasks.ts",
    search: "  if (task.state !== to) noteTask(state, task);",
    replace: `  if (task.state !== to && state.watch.streams.size > 0) ${acts("M171")};`,
  },
  {
    id: "M172",
    title: "a reader that subscribes first finds nothing remembered of what it is told at the beginning",
    breaks: ["S63"],
    file: "server/core/operator/event-stream.ts",
    search: "  if (streams.size === 0) rememberAll(state);",
    replace: `  if (streams.size === 0 && state.agents.size + state.frameworks.size > 0) ${acts("M172")};
  else if (streams.size === 0) rememberAll(state);`,
  },
];

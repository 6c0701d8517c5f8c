/** Planted bugs around executors that frameworks bring along. */

import { acts } from "./acts.ts";
import type { Mutant } from "./mutant.ts";

const executors = "agent/core/executors.ts";

export const executorMutants: readonly Mutant[] = [
  {
    id: "M104",
    title: "the tasks of an executor that ended live on in the books",
    breaks: ["S45", "L03"],
    file: executors,
    search: "  for (const task of [...executor.tasks]) endTask(turn, task, executor.ending ?? news);",
    replace: `  if (executor.tasks.size > 0) ${acts("M104")};\n  executor.tasks.clear();`,
  },
  {
    id: "M105",
    title: "SHUTDOWN of an executor does nothing",
    breaks: ["L16"],
    file: executors,
    search: "  else shutDownExecutor(turn, executor);",
    replace: `  else ${acts("M105")};`,
  },
];

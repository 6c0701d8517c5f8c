/** What a command line does in the simulated world: the workload's own program, and the handful of commands that people type first. */

import type { TaskPlan } from "../cluster.ts";

const programName = "sim-task";

/** The command line that behaves as the plan says. */
export function toCommandLine(plan: TaskPlan): string {
  return `${programName} ${JSON.stringify(plan)}`;
}

/** How the command line behaves; a command that the simulated machine does not have ends with 127 at once, as a shell does. */
export function toPlan(commandLine: string): TaskPlan {
  const plain = { durationMs: 10, exitCode: 0, ignoresSigterm: false, daemonCount: 0 };
  if (commandLine.startsWith(`${programName} `)) return JSON.parse(commandLine.slice(programName.length + 1)) as TaskPlan;
  const [name, argument] = commandLine.split(" ");
  switch (name) {
    case "true":
      return plain;
    case "false":
      return { ...plain, exitCode: 1 };
    case "exit":
      return { ...plain, exitCode: Number(argument ?? 0) };
    case "sleep":
      return { ...plain, durationMs: Number(argument ?? 0) * 1_000 };
    default:
      return { ...plain, exitCode: 127 };
  }
}

/**
 * The script that a task of the workload runs on real clusters. It writes the ledger itself, so that what a task did
 * is known without asking the system under test. POSIX sh, without a fork per line where the shell allows it.
 *
 * A line: `<start|beat|end> <uptime seconds> <pid>:<start time> <role> <exit code>`; role is `main` or `daemon`.
 */

import type { TaskCommand, TaskIdentity, TaskPlan } from "../cluster.ts";

export const ledgerPathVariable = "TEPUI_LEDGER";

/** How often a task shows that it lives, in milliseconds. Each beat forks one `sleep`. */
export const beatIntervalMs = 100;

const beatSeconds = (beatIntervalMs / 1000).toString();

/** /proc/uptime is the one clock that all tasks, containers and the harness on one machine share; it counts in 10 ms. */
const prelude = `
identify() {
  read -r stat < /proc/$1/stat
  set -- "$1" \${stat##*) }
  me="$1:\${21}"
}
say() {
  read -r up rest < /proc/uptime
  echo "$1 $up $me $role $2" >> "$TEPUI_LEDGER"
}
`;

/** A grandchild in a session of its own: what a sloppy daemon does. It lives until it is killed. */
const daemon = `
setsid sh -c '${prelude.replaceAll("'", `'"'"'`)}
role=daemon; identify $$; say beat
while :; do sleep ${beatSeconds}; say beat; done' > /dev/null 2>&1 &
`;

/** The ledger file is the task's own, below `ledgerFolder` as the task sees it. */
export function ledgerCommand(plan: TaskPlan, task: TaskIdentity, ledgerFolder: string): TaskCommand {
  const beats = plan.durationMs === undefined ? undefined : Math.max(1, Math.round(plan.durationMs / beatIntervalMs));
  const script = [
    prelude,
    plan.ignoresSigterm ? "trap '' TERM" : "trap 'say end 143; trap - TERM; kill -TERM $$; exit 143' TERM",
    "role=main; identify $$; say start",
    ...Array.from({ length: plan.daemonCount }, () => daemon),
    beats === undefined
      ? `while :; do sleep ${beatSeconds}; say beat; done`
      : `n=0; while [ $n -lt ${beats} ]; do sleep ${beatSeconds}; say beat; n=$((n+1)); done`,
    `say end ${plan.exitCode}`,
    `exit ${plan.exitCode}`,
  ];
  return { value: script.join("\n"), environment: { [ledgerPathVariable]: `${ledgerFolder}/${ledgerFileName(task)}` } };
}

/** One file a task: framework and task id, which hold no slash. */
export function ledgerFileName(task: Pick<TaskIdentity, "frameworkId" | "taskId" | "agentId">): string {
  return [task.frameworkId, task.agentId, task.taskId].map(encodeURIComponent).join("~");
}

export function parseLedgerFileName(name: string): TaskIdentity | undefined {
  const [frameworkId, agentId, taskId, ...rest] = name.split("~").map(decodeURIComponent);
  if (frameworkId === undefined || agentId === undefined || taskId === undefined || rest.length > 0) return undefined;
  return { frameworkId, agentId, taskId };
}

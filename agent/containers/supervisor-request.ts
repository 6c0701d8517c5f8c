/**
 * What a supervisor is asked to run, as text for its shell (supervisor-script.ts): one compound command. A shell starts nothing of
 * it before it has read its last line, so an agent that dies while it writes asks for nothing.
 */

import { noCgroup } from "./container-record.ts";

export interface TaskRequest {
  readonly recordPath: string;
  readonly cancelledPath: string;
  /** The task works there and leaves `stdout` and `stderr` there. */
  readonly sandbox: string;
  readonly cgroup: string | undefined;
  /** More that the task enters: those of controllers. */
  readonly groups: readonly string[];
  /** Later ones win. */
  readonly environment: readonly (readonly [name: string, value: string])[];
  readonly commandLine: readonly string[];
  /** The command opens `stdout` and `stderr` itself: the sandbox is somebody else's, who may have put a link there. */
  readonly opensOutput: boolean;
  /** The task is killed when the agent's process ends. */
  readonly endsWithAgent: boolean;
}

/** Other names cannot be variables of a shell. OPTIND is where each shell counts, and some end when told to count from a word. */
const namePattern = /^(?!OPTIND$)[A-Za-z_][A-Za-z0-9_]*$/;

/** Throws when something holds a null byte, which no process can be given. */
export function writeTaskRequest(request: TaskRequest): string {
  const { recordPath, cancelledPath, sandbox, environment, commandLine } = request;
  const cgroup = request.cgroup ?? noCgroup;
  return [
    `{ tepui_begin ${quoteAll([recordPath, cancelledPath, cgroup])}`,
    ...(request.endsWithAgent ? [`tepui_watch ${quoteAll([cgroup])}`] : []),
    "(",
    `tepui_enter ${quoteAll([sandbox, cgroup, ...request.groups])}`,
    ...exportLines(environment),
    request.opensOutput ? "exec >/dev/null 2>&1" : "exec >>stdout 2>>stderr",
    `exec ${quoteAll(commandLine)}`,
    ")",
    "tepui_end $?; }\n",
  ].join("\n");
}

/** Text for a shell that is to have these variables; later ones win. Throws when a value holds a null byte. */
export function exportLines(environment: readonly (readonly [name: string, value: string])[]): readonly string[] {
  const variables = new Map(environment.filter(([name]) => namePattern.test(name)));
  // `command`: a name that some shell keeps for itself, as bash does UID, costs that variable and not the task.
  return [...variables].map(([name, value]) => `command export ${quote(`${name}=${value}`)}`);
}

/** Between single quotes a shell takes every byte as it is; a single quote itself stands outside of them. */
export function quoteAll(words: readonly string[]): string {
  return words.map(quote).join(" ");
}

function quote(word: string): string {
  if (word.includes("\0")) throw new Error("commands, arguments and variables must be without null bytes");
  return `'${word.replaceAll("'", "'\\''")}'`;
}

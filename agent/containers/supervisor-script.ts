/**
 * The supervisor: a small POSIX shell (tested with dash, bash and busybox ash) that runs one task at a time and witnesses its end. It reads
 * its program from a socket that the agent holds: first this text, then one request (supervisor-request.ts) for each task. So a
 * task costs one fork of a small process and one exec, and only the first of each supervisor costs a fork of the agent. When the
 * agent is gone, the program is at its end: a supervisor without a task ends at once, one with a task after that.
 *
 *   $2  boot id      fd 0  the program      fd 1  reports to the agent      fd 3  the record (container-record.ts) of the task
 *
 * - It lives in its own session and outlives the agent. It catches signals and does nothing, because a SIGTERM to the whole process
 *   group must not end the witness; a caught signal is back to its default in the task, an ignored one would not be.
 * - The task runs in the foreground: background jobs of a shell ignore SIGINT and SIGQUIT.
 * - The start is recorded before it looks for the forbidding file, and an agent that recovers writes that file before it looks for
 *   the start: one of them sees the other, so no task starts behind a new agent's back. An agent that forgets a container removes
 *   the record before the forbidding file, so a record that is still there, and was made by an agent, says that the look was
 *   not too late.
 * - Beside a task that ends with the agent a second shell reads the socket. Nobody writes there as long as the task runs, so the end of
 *   the file is the end of the agent, SIGKILL included: it kills the supervisor, which has nobody left to witness for, the cgroup and the
 *   process group. What left both is found by the next agent, by the record.
 * - The end is recorded before it is reported. The status of the last task is its own when the program ends.
 *
 * Limits: argv[0] of the task is the program's path; variables whose names a shell cannot hold do not reach the task.
 */
export const supervisorScript = `trap : HUP INT QUIT USR1 USR2 PIPE ALRM TERM
read -r tepui_pid _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ tepui_start _ </proc/self/stat
tepui_boot=$2
tepui_begin() {
  read -r tepui_line _ <"$1" && [ "$tepui_line" = created ] || exit 125
  exec 3>>"$1"
  echo "started $tepui_pid $tepui_start $tepui_boot $3" >&3 || exit 125
  [ ! -e "$2" ] && [ -e "$1" ] || exit 125
}
tepui_watch() {
  exec 4<&0
  (
    trap '' HUP INT QUIT USR1 USR2 PIPE ALRM TERM
    exec 1>&- 3>&-
    read -r _ <&4
    kill -KILL "$tepui_pid"
    [ "$1" = - ] || echo 1 >"$1/cgroup.kill"
    kill -KILL 0
  ) &
  tepui_watcher=$!
  exec 4<&-
}
tepui_enter() {
  cd "$1" && unset OLDPWD && exec </dev/null 3>&- || exit 125
  shift
  for tepui_group; do
    [ "$tepui_group" = - ] || echo 0 >"$tepui_group/cgroup.procs" || exit 125
  done
}
tepui_end() {
  [ -z "$tepui_watcher" ] || kill -KILL "$tepui_watcher"
  [ -z "$tepui_watcher" ] || wait "$tepui_watcher"
  tepui_watcher=
  echo "ended $1" >&3
  exec 3>&-
  echo "ended $1"
  return "$1"
}
`;

/** Programs that run the script: the one of every system. */
export const shellPath = "/bin/sh";

/** The arguments of a shell that is to read its program from its standard input, with a name for who reads a list of processes. */
export function supervisorArguments(bootId: string): readonly string[] {
  return ["-s", "tepui-supervisor", bootId];
}

/** How the command line of each supervisor begins, and that of its forks. */
export const supervisorCommandLine = [shellPath, ...supervisorArguments("")].join("\0");

/**
 * The supervisor: a shell script for any POSIX sh (tested with dash and busybox ash), one small process beside each task.
 * It uses builtins only, so a task costs two forks and two execs. It lives in its own session and outlives the agent.
 *
 *   $1  folder of the task's cgroup, or "-"      $2  boot id      $3  a file whose existence forbids the start
 *   $4  "agent" for a task that ends with the agent's process, "-" for one that outlives it      $5...  the command
 *   fd 3  the record (container-record.ts)       fd 4, 5  stdout and stderr of the task
 *   fd 6  for a task that ends with the agent: a pipe that only the agent holds the other end of
 *
 * - It catches signals and does nothing, because a SIGTERM to the whole process group must not end the witness; a caught
 *   signal is back to its default in the task, an ignored one would not be.
 * - The task runs in the foreground: background jobs of a shell ignore SIGINT and SIGQUIT.
 * - The start is recorded before it looks for the forbidding file, and an agent that recovers writes that file before it
 *   looks for the start: one of them sees the other, so no task starts behind a new agent's back.
 * - Beside a task that ends with the agent a second shell reads the pipe. Nobody writes there, so the end of the file is the end of the
 *   agent, SIGKILL included: it kills the cgroup and the process group. What left both is found by the next agent, by the record.
 * - It ends with the task's status, so that its parent learns the end without reading a file.
 *
 * Limits: argv[0] of the task is the program's path; variables whose names a shell cannot hold do not reach the task.
 */
export const supervisorScript = `trap : HUP INT QUIT USR1 USR2 PIPE ALRM TERM
read -r tepui_pid _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ tepui_start _ </proc/self/stat
echo "started $tepui_pid $tepui_start $2 $1" >&3 || exit 125
[ ! -e "$3" ] || exit 125
if [ "$4" = agent ]; then
  (
    trap '' HUP INT QUIT USR1 USR2 PIPE ALRM TERM
    exec 3>&- 4>&- 5>&-
    read -r _ <&6
    [ "$1" = - ] || echo 1 >"$1/cgroup.kill"
    kill -KILL 0
  ) &
  tepui_watcher=$!
fi
(
  exec >&4 2>&5 3>&- 4>&- 5>&- 6<&-
  [ "$1" = - ] || echo 0 >"$1/cgroup.procs" || exit 125
  shift 4
  exec "$@"
)
tepui_status=$?
[ "$4" = - ] || kill -KILL "$tepui_watcher"
echo "ended $tepui_status" >&3
exit $tepui_status
`;

/** Programs that run the script: the one of every system. */
export const shellPath = "/bin/sh";

/**
 * The supervisor: a shell script for any POSIX sh (tested with dash and busybox ash), one small process beside each task.
 * It uses builtins only, so a task costs two forks and two execs. It lives in its own session and outlives the agent.
 *
 *   $1  folder of the task's cgroup, or "-"      $2  boot id      $3  a file whose existence forbids the start      $4...  the command
 *   fd 3  the record (container-record.ts)       fd 4, 5  stdout and stderr of the task
 *
 * - It catches signals and does nothing, because a SIGTERM to the whole process group must not end the witness; a caught
 *   signal is back to its default in the task, an ignored one would not be.
 * - The task runs in the foreground: background jobs of a shell ignore SIGINT and SIGQUIT.
 * - The start is recorded before it looks for the forbidding file, and an agent that recovers writes that file before it
 *   looks for the start: one of them sees the other, so no task starts behind a new agent's back.
 * - It ends with the task's status, so that its parent learns the end without reading a file.
 *
 * Limits: argv[0] of the task is the program's path; variables whose names a shell cannot hold do not reach the task.
 */
export const supervisorScript = `trap : HUP INT QUIT USR1 USR2 PIPE ALRM TERM
read -r tepui_pid _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ tepui_start _ </proc/self/stat
echo "started $tepui_pid $tepui_start $2 $1" >&3 || exit 125
[ ! -e "$3" ] || exit 125
(
  exec >&4 2>&5 3>&- 4>&- 5>&-
  [ "$1" = - ] || echo 0 >"$1/cgroup.procs" || exit 125
  shift 3
  exec "$@"
)
tepui_status=$?
echo "ended $tepui_status" >&3
exit $tepui_status
`;

/** Programs that run the script: the one of every system. */
export const shellPath = "/bin/sh";

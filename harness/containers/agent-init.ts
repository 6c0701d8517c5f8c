/**
 * The first process of an agent's container, a shell script. The agent must not be it: tasks outlive their agent, and
 * the end of the first process is the end of the container. It also reaps orphans, as the first process must.
 *
 * Signals from outside: USR1 and TERM go to the agent as they are; USR2 kills it; HUP starts it again.
 */

/** What the script writes to its log when the agent has ended, followed by the exit status as the shell counts it. */
export const agentExitedLine = "tepui-init: agent exited";

export const agentInitScript = `#!/bin/sh
agent=0
trap 'kill -USR1 $agent' USR1
trap 'kill -TERM $agent' TERM
trap 'kill -KILL $agent' USR2
trap 'start=yes' HUP
while :; do
  start=no
  "$@" &
  agent=$!
  while :; do
    wait $agent
    code=$?
    kill -0 $agent 2>/dev/null || break
  done
  echo "${agentExitedLine} $code" >&2
  while [ $start = no ]; do
    sleep 3600 &
    idle=$!
    wait $idle
    kill $idle 2>/dev/null
  done
done
`;

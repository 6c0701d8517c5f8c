/** How a command that is started beside a container's own comes into the control groups of that: before it is anything else. */

/** Text for a shell: $1 how many control groups, then those; the arguments after them stay. fd 3 hears why one cannot be entered. */
export const enterGroupsScript = `tepui_count=$1
shift
while [ "$tepui_count" -gt 0 ]; do
  echo 0 >"$1/cgroup.procs" || {
    echo "the cgroup $1 cannot be entered" >&3
    exit 125
  }
  shift
  tepui_count=$((tepui_count - 1))
done
`;

export interface GroupsToEnter {
  /** Of version 2. */
  readonly cgroup: string | undefined;
  /** Of version 1. */
  readonly groups: readonly string[];
}

/** The arguments that the script takes. */
export function groupArguments({ cgroup, groups }: GroupsToEnter): readonly string[] {
  const all = cgroup === undefined ? groups : [cgroup, ...groups];
  return [String(all.length), ...all];
}

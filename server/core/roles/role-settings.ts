/** What operators set for roles and the registry keeps: quotas and weights. Roles for which nothing is set are not there. */

export interface RoleSettings<Value> {
  /** What is durable; it holds. */
  current: ReadonlyMap<string, Value>;
  /** The newest on its way into the registry; `current` when none is. Calls are checked against it, one after the other. */
  proposed: ReadonlyMap<string, Value>;
}

export function createRoleSettings<Value>(): RoleSettings<Value> {
  return { current: new Map(), proposed: new Map() };
}

/** A new leader goes on with the settings of the one before. */
export function restoreRoleSettings<Value>(settings: RoleSettings<Value>, values: ReadonlyMap<string, Value>): void {
  settings.current = values;
  settings.proposed = values;
}

/** What is proposed, with `changes`: of these, values that are the same as none end what was set. */
export function withChanges<Value>(
  { proposed }: RoleSettings<Value>,
  changes: ReadonlyMap<string, Value>,
  isNone: (value: Value) => boolean,
): ReadonlyMap<string, Value> {
  const next = new Map(proposed);
  for (const [role, value] of changes) {
    if (isNone(value)) next.delete(role);
    else next.set(role, value);
  }
  return next;
}

/** What an agent tells an executor by its environment. */

export interface ExecutorEnvironment {
  readonly frameworkId: string;
  readonly executorId: string;
  /** Of the agent, as host:port. */
  readonly endpoint: string;
  /** Whether the executor is to wait for an agent that is away. */
  readonly checkpoint: boolean;
  readonly recoveryTimeoutMs: number;
  readonly subscriptionBackoffMaxMs: number;
  readonly shutdownGraceMs: number;
}

const unitsMs: ReadonlyMap<string, number> = new Map([
  ["ns", 1e-6],
  ["us", 1e-3],
  ["ms", 1],
  ["secs", 1_000],
  ["mins", 60_000],
  ["hrs", 3_600_000],
  ["days", 86_400_000],
  ["weeks", 604_800_000],
]);

/** Throws a RangeError that names the variable when one is missing or cannot be read: the program was not started by an agent. */
export function readExecutorEnvironment(environment: Readonly<Record<string, string | undefined>>): ExecutorEnvironment {
  const required = (name: string): string => {
    const value = environment[name];
    if (value === undefined || value === "") throw new RangeError(`${name} must be set; it is where an agent starts an executor`);
    return value;
  };
  const duration = (name: string, fallbackMs: number): number => {
    const text = environment[name];
    if (text === undefined) return fallbackMs;
    const [, number, unit] = /^(\d+(?:\.\d+)?)([a-z]+)$/.exec(text) ?? [];
    const unitMs = unitsMs.get(unit ?? "");
    if (number === undefined || unitMs === undefined) throw new RangeError(`${name} must be a length of time such as 5secs, is "${text}"`);
    return Number(number) * unitMs;
  };
  return {
    frameworkId: required("MESOS_FRAMEWORK_ID"),
    executorId: required("MESOS_EXECUTOR_ID"),
    endpoint: required("MESOS_AGENT_ENDPOINT"),
    checkpoint: environment["MESOS_CHECKPOINT"] === "1",
    recoveryTimeoutMs: duration("MESOS_RECOVERY_TIMEOUT", 900_000),
    subscriptionBackoffMaxMs: duration("MESOS_SUBSCRIPTION_BACKOFF_MAX", 2_000),
    shutdownGraceMs: duration("MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD", 5_000),
  };
}

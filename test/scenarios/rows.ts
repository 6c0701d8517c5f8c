/**
 * Every situation of the protocol that a test must show, one row each: how tasks are lost (A by the master, B by the agent), kills (K),
 * drain now (D), the return of an agent (R), reconciliation (Q), the checks of an ACCEPT (O offers, P operations, T tasks) and the
 * restart of an agent (G its steps, H moments that went wrong once), and the reference's own cases of maintenance and draining (M).
 * A test names its rows in its title: "A5: ...", "K4, H9: ...".
 */

export interface Row {
  readonly name: string;
  /** What happens, in Mesos's terms. */
  readonly situation: string;
  /** The files that have a test with the row's name; or why there is nothing to show, or not yet. */
  readonly shown: { readonly by: readonly string[] } | { readonly absentBecause: string };
}

const accept = "test/server/core/calls/accept.test.ts";
const calls = "test/server/core/calls/calls.test.ts";
const reconcile = "test/server/core/calls/reconcile.test.ts";
const departure = "test/server/core/agents/departure.test.ts";
const registration = "test/server/core/agents/registration.test.ts";
const abandonment = "test/server/core/agents/abandonment.test.ts";
const configuration = "test/agent/core/configuration.test.ts";
const volatileFrameworks = "test/agent/core/volatile-frameworks.test.ts";
const reregistration = "test/server/core/agents/reregistration.test.ts";
const frameworks = "test/server/core/frameworks.test.ts";
const agentTasks = "test/agent/core/tasks.test.ts";
const kills = "test/agent/core/kills.test.ts";
const recovery = "test/agent/core/recovery.test.ts";
const termination = "test/agent/core/termination.test.ts";
const connection = "test/agent/core/connection.test.ts";
const checkpointStore = "test/agent/checkpoint-store.test.ts";
const runtime = "test/agent/containers/process-runtime.test.ts";
const fetching = "test/processes/fetcher.test.ts";
const agentProcess = "test/processes/agent.test.ts";
const sandboxCollector = "test/agent/containers/sandbox-collector.test.ts";
const sandboxProcess = "test/processes/sandbox.test.ts";
const cluster = "test/scenarios/cluster.test.ts";
const departures = "test/scenarios/departures.test.ts";
const restarts = "test/scenarios/agent-restarts.test.ts";
const offers = "test/scenarios/offer-validation.test.ts";
const launches = "test/scenarios/launch-validation.test.ts";

const groupLaunches = "test/scenarios/group-validation.test.ts";
const agentGroups = "test/agent/core/groups.test.ts";
const executors = "test/agent/core/executors.test.ts";
const masterExecutors = "test/server/core/executors.test.ts";
const goneAgents = "test/server/core/agents/gone.test.ts";
const maintenance = "test/server/core/maintenance/effects.test.ts";
const referenceMaintenance = "test/scenarios/maintenance.test.ts";
const referenceDraining = "test/scenarios/agent-draining.test.ts";
const maintenanceCases = "test/processes/maintenance-cases.test.ts";
const drainingCases = "test/processes/draining-cases.test.ts";
const draining = "test/agent/core/draining.test.ts";
const authorization = "authorization is not built";
const versionedLink = "master and agent settle a disagreement on resources by a new registration, so a task never meets it";

function shown(name: string, situation: string, ...by: string[]): Row {
  return { name, situation, shown: { by } };
}

function absent(name: string, situation: string, reason: string): Row {
  return { name, situation, shown: { absentBecause: reason } };
}

export const rows: readonly Row[] = [
  shown("A1", "ACCEPT with an invalid offer", accept, groupLaunches),
  shown("A2", "link to the agent breaks, framework without checkpoint", abandonment),
  shown("A3", "ACCEPT while the agent is removed", departure, departures),
  shown("A4", "ACCEPT after the agent was disconnected", accept, departures),
  shown("A5", "agent marked unreachable", departure, cluster),
  shown("A6", "agent unregisters", departure, cluster),
  shown("A7", "registered agent marked gone", goneAgents),
  shown("A8", "unreachable agent marked gone", goneAgents),
  shown("A9", "recovered agent marked gone: ours are told when it tries to return", goneAgents),
  shown("A10", "framework removed", frameworks, departures),
  shown("A11", "task or its resources invalid", accept),
  absent("A12", "task not authorized", authorization),
  shown("A13", "agent does not return after a master failover", reregistration, cluster),

  shown("B1", "launch or kill reaches an agent that terminates", termination),
  shown("B2", "launch reaches an agent that is being drained", draining),
  absent("B3", "task built on an outdated resource version", versionedLink),
  absent("B4", "reservations or volumes unknown to the agent", versionedLink),
  shown("B5", "sandbox scheduled for garbage collection", sandboxCollector),
  absent("B6", "not authorized on the agent", authorization),
  shown("B7", "executor to be started exists, or one to be reused does not", executors, agentGroups),
  shown("B8", "command task whose id still runs: ignored, the first one speaks for both", agentTasks),
  shown("B9", "KILL of a task that the agent does not have", agentTasks, kills),
  shown("B10", "KILL before the task is launched, files being fetched included", executors, kills, fetching),
  shown("B11", "agent restarts before a task it took over is launched", executors, recovery, restarts),
  shown("B12", "master knows a task that the agent does not list", reregistration, agentTasks, cluster),
  shown("B13", "executor does not register in time", executors),
  shown("B14", "executor does not register again in time", executors),
  shown("B15", "container cannot be launched, its files not fetched included", executors, agentTasks, fetching),
  absent("B16", "container cannot be updated", "a container is only ever given more, which the kernel does not refuse"),
  absent("B17", "revocable container preempted", "oversubscription is not built"),
  shown(
    "B18",
    "limit of memory or disk breached (of ports: not isolated)",
    "test/agent/core/container-limits.test.ts",
    "test/processes/limits.test.ts",
  ),
  absent("B19", "I/O switchboard died", "there is none; supervisors write a task's output"),
  shown("B20", "executor (supervisor) ends with a live task", executors, recovery, runtime),
  shown("B21", "task killed by a drain", draining),

  shown("K1", "KILL of an unknown task is answered as a reconciliation", calls),
  shown("K2", "KILL with the wrong agent_id is refused (in Mesos: ignored)", calls),
  shown("K3", "each repeated KILL is sent again", calls),
  shown("K4", "KILL for a disconnected agent is sent when it is back, with its policy (in Mesos: without)", reregistration, cluster),
  shown("K5", "KILL of a task on an unreachable agent is kept until it is back (in Mesos: not kept)", reregistration),
  shown("K6", "KILL before the launch keeps the task from starting", kills),
  shown("K7", "KILL of a task that has ended is ignored", kills),
  shown("K8", "grace: of the call, else of the task, else 3 s", kills),
  shown("K9", "SIGTERM, TASK_KILLING if wanted, SIGKILL after the grace, which a second KILL may shorten", kills, runtime),
  shown("K10", "KILL of one task of a group", agentGroups, "test/processes/groups.test.ts"),
  shown("K11", "SHUTDOWN of an executor", executors),

  shown("D1", "SIGUSR1: the agent unregisters, and says so until a master confirms it (in Mesos: once)", termination),
  shown("D2", "everything is killed before the process exits", termination),
  shown("D3", "launches, kills and updates are ignored meanwhile", termination),
  shown("D4", "TASK_LOST for each task, then RESCIND, then FAILURE, for partition-aware frameworks, too", departure, cluster),
  shown("D5", "the unregistration is lost: a timeout gives the tasks up", departure),
  shown(
    "D6",
    "the id is retired; the machine comes back under a new one (in Mesos: under the same)",
    termination,
    departure,
    departures,
    cluster,
  ),
  shown("D7", "an agent that the master refuses kills everything and exits", termination),

  shown("R1", "id is retired: refused", departures),
  shown("R2", "machine is DOWN", maintenance),
  shown("R3", "id is registered, same hostname: the books are compared", reregistration),
  shown("R4", "id is registered, other hostname: refused", reregistration),
  shown("R5", "id is recovered after a failover: taken back without a write", reregistration),
  shown("R6", "id is unreachable: admitted again, tasks are told with AGENT_REREGISTERED", reregistration, cluster),
  shown("R7", "id is unknown: admitted, with its tasks", reregistration),
  shown("R8", "TASK_LOST was said of its tasks: they are killed (in Mesos: run on)", reregistration, cluster),
  shown("R9", "tasks of a framework that has ended: shut down there", reregistration, cluster),
  shown("R10", "framework unknown to the master: recovered from the agent", reregistration),

  shown("Q0", "implicit: active tasks, ended ones until they are acknowledged, none that are unreachable", reconcile),
  shown("Q1", "task is active, whatever agent was named", reconcile),
  shown("Q2a", "agent is recovered and not back: silence", reconcile),
  shown("Q2b", "no agent named and one is recovered and not back: silence", reconcile),
  shown("Q3", "agent is registered: GONE", reconcile),
  shown("Q4", "agent is unreachable: UNREACHABLE, with the time", reconcile),
  shown("Q5", "agent is gone: GONE_BY_OPERATOR", goneAgents),
  shown("Q6", "anything else: UNKNOWN", reconcile),

  shown("O1", "at least one offer", offers),
  shown("O2", "each offer once", offers),
  shown("O3", "each offer exists", offers),
  shown("O4", "each offer is the caller's", offers),
  shown("O5", "one role", offers),
  shown("O6", "one agent", offers),
  shown("O7", "after a failure: own offers go back without a filter, those of others stay (in Mesos: they go, too)", offers),

  shown("P1", "operations in order against what is left; one that fails does not stop the others", accept),
  shown("P2", "LAUNCH with an operation id", launches, groupLaunches),
  shown("P3", "missing allocation_info is the role of the offer", accept),
  shown("P4", "what is left is declined with the filters of the call", accept),
  shown("P5", "agent removed or disconnected meanwhile: A3, A4", accept, departure),
  shown("P6", "no operations: a decline", accept),
  absent("P7", "operation with an id on an agent without feedback", "every agent of tepui gives feedback"),
  shown("P8", "ExecutorInfo.framework_id is filled in", masterExecutors),

  absent("T1", "authorized to run as the user", authorization),
  shown("T2", "task id well-formed", launches, groupLaunches),
  shown("T3", "task id neither active nor unreachable", accept, launches, groupLaunches),
  shown("T4", "agent of the offer", launches, groupLaunches),
  shown("T5", "grace and max_completion_time not negative", launches, groupLaunches),
  shown("T6", "check and health check well-formed", launches),
  shown("T7", "resources valid and of one role", launches, groupLaunches),
  shown("T8", "environment", launches, groupLaunches),
  shown("T9", "container well-formed, and one that an agent can run", launches, groupLaunches, "test/processes/containers.test.ts"),
  shown("T10", "limits of cpus and mem, where the agent keeps tasks within them", launches, groupLaunches, "test/processes/limits.test.ts"),
  shown("T11", "exactly one of command and executor", launches),
  shown("T12", "executor well-formed", "test/server/wire/decode-task.test.ts"),
  shown("T13", "executor equal to the one of its id", masterExecutors, groupLaunches),
  absent("T14", "executor smaller than recommended", "the reference only logs a warning"),
  shown("T15", "task and executor do not overlap", masterExecutors, groupLaunches),
  shown("T16", "offered resources contain the task", accept, launches, groupLaunches),
  shown("T17", "share_cgroups only in groups, and the same for all tasks of an executor", launches, groupLaunches),

  shown("G1", "reboot: tasks whose processes are gone are TASK_FAILED", recovery),
  shown("G2", "AgentInfo incompatible with the one before", configuration, agentProcess),
  shown("G3", "checkpoint that cannot be read: exit", checkpointStore),
  shown("G4", "updates that were not acknowledged are sent again", recovery, cluster),
  shown("G5", "containers that no record names are destroyed", recovery),
  absent("G6", "wait for executors to come back", "the agent registers at once; executors come back meanwhile"),
  absent("G7", "recover=cleanup", "an agent always recovers; drain now ends what it finds"),
  shown("G8", "executor waits for its agent", "test/processes/executor.test.ts"),
  shown("G9", "task queued for an executor at the crash", executors),
  shown("G10", "task ended while the agent was down: its true end is told (in Mesos: TASK_FAILED)", recovery, cluster),
  shown("G11", "nothing found: a new agent", connection, recovery),
  shown("G12", "old directories scheduled for removal", sandboxCollector, sandboxProcess),
  shown("G13", "SIGTERM, SIGKILL: tasks run on", agentProcess, cluster),
  shown("G14", "kills that were ordered are ordered again", kills),

  shown("H1", "update received before the crash is sent again", recovery, cluster),
  shown("H2", "task that outlived its agent is adopted, and its update flows", recovery),
  shown("H3", "executor that had not registered before the crash", executors),
  shown("H4", "kill of a task not launched yet, then a restart: TASK_KILLED", restarts),
  shown("H5", "task ended while the agent was down", recovery, cluster),
  absent("H6", "recover=cleanup", "an agent always recovers; drain now ends what it finds"),
  shown("H7", "framework without checkpoint on a disconnected agent", abandonment, volatileFrameworks, agentProcess),
  shown("H8", "framework without checkpoint leaves no files", volatileFrameworks, agentProcess),
  shown("H9", "KILL while the agent was away is delivered on return", reregistration, cluster),
  shown("H10", "framework torn down while the agent was away is shut down on return", reregistration, cluster),
  shown("H11", "launch lost in flight is dropped on return", cluster),
  shown("H12", "reboot: the same id if AgentInfo is compatible, else a new one", configuration),
  absent("H13", "agent answers pings while it recovers", "recovery waits for nobody; the link opens when it is done"),
  shown("H14", "restart before the launch: dropped (in Mesos: TASK_FAILED)", recovery, restarts),
  shown("H15", "graceful end and restart: the same id", agentProcess, cluster),
  shown("H16", "agent that lost its work directory: a new id, the older one's tasks are lost at once", registration),
  shown("H17", "agent returns with more resources, which are offered", reregistration),
  shown("H18", "several agents recover at once", cluster),

  shown("M1", "a schedule is posted, shown and deleted; malformed ones are refused", referenceMaintenance, maintenanceCases),
  shown("M2", "a DOWN machine is left out of a new schedule", referenceMaintenance, maintenanceCases),
  shown("M3", "the machine of an offer is scheduled", referenceMaintenance, maintenanceCases),
  absent("M4", "a scheduler of the driver API hears of a window", "the driver API is not spoken; M3 shows the same events"),
  shown("M5", "a machine with a running task goes DOWN and up", referenceMaintenance, maintenanceCases),
  shown("M6", "which machines may go DOWN", referenceMaintenance, maintenanceCases),
  shown("M7", "which machines may come up", referenceMaintenance, maintenanceCases),
  shown("M8", "status of machines", referenceMaintenance, maintenanceCases),
  shown("M9", "inverse offers are declined and accepted", referenceMaintenance, maintenanceCases),
  shown("M10", "filters of inverse offers", referenceMaintenance, maintenanceCases),
  absent("M11", "maintenance calls with wrong credentials", "authentication is not built"),
  shown("M12", "an inverse offer that nobody made is accepted", referenceMaintenance, maintenanceCases),
  shown("M13", "DRAIN_AGENT of an idle agent", referenceDraining, drainingCases),
  shown("M14", "REACTIVATE_AGENT of a drained agent that is disconnected", referenceDraining, drainingCases),
  shown("M15", "DRAIN_AGENT of an idle agent with mark_gone", referenceDraining, drainingCases),
  shown("M16", "DRAIN_AGENT of a disconnected agent", referenceDraining, drainingCases),
  shown("M17", "DRAIN_AGENT of an unreachable agent", referenceDraining, drainingCases),
  shown("M18", "DRAIN_AGENT with a running task", referenceDraining, drainingCases),
  shown("M19", "DRAIN_AGENT with a running task and mark_gone", referenceDraining, drainingCases),
  shown("M20", "DRAIN_AGENT of a disconnected agent with a running task", referenceDraining, drainingCases),
  shown("M21", "DRAIN_AGENT of an unreachable agent with a running task", referenceDraining, drainingCases),
  shown("M22", "REACTIVATE_AGENT while the agent drains", referenceDraining, drainingCases),
];

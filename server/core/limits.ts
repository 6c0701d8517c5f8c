/** How much a master keeps. Each limit bounds the memory that peers can make it use. */

/** Streams of schedulers, those that wait for the registry included; more than the frameworks of any known cluster. */
export const streamsMax = 10_000;

/** Links of agents, a few times the 50,000 agents that a master is sized for, because a lost link lives on until it is noticed. */
export const linksMax = 200_000;

/** Agents in the books, connected or not: four times what a master is sized for. */
export const agentsMax = 200_000;

/** Frameworks that go on, subscribed or not: ten times those of any known cluster. */
export const frameworksMax = 10_000;

/** Tasks of one framework that have not ended, or whose end it has not acknowledged: five times a cluster's. */
export const tasksPerFrameworkMax = 1_000_000;

/** UPDATE_FRAMEWORKs of one framework that wait for the registry; each holds a FrameworkInfo, and a scheduler has no use for two. */
export const pendingUpdatesMax = 16;

/** Operations of one framework whose end it has not acknowledged; it hears of each, so it can keep up. */
export const operationsPerFrameworkMax = 10_000;

/** Event streams of operators; each is told everything. Source: Mesos, max_operator_event_stream_subscribers. */
export const operatorStreamsMax = 1_000;

/** Orders of operators about resources that wait for their agents; each is answered within a round trip and a commit. */
export const resourceOrdersMax = 1_000;

/** Offers that one framework holds: one for each of 50,000 agents and two roles. */
export const offersPerFrameworkMax = 100_000;

/** Filters for one framework, role and agent. Declines that overlap are merged, so only ever other shapes get here. */
export const filtersPerAgentMax = 16;

/** Ended tasks that operators can still see. Source: Mesos, max_completed_tasks_per_framework. */
export const completedTasksPerFrameworkMax = 1_000;

/** Tasks on unreachable agents. Source: Mesos, max_unreachable_tasks_per_framework. */
export const unreachableTasksPerFrameworkMax = 1_000;

/** Frameworks that ended and that operators can still see. Source: Mesos, max_completed_frameworks. */
export const completedFrameworksMax = 50;

/** Ids of ended frameworks, remembered so that nobody uses them again; each is a record with its FrameworkInfo in the registry. */
export const retiredFrameworksMax = 10_000;

/** Ids of agents that left, remembered so that nobody uses them again. Source: Mesos, registry_max_agent_count. */
export const retiredAgentsMax = 102_400;

/** Ids of agents that operators marked gone. Source: Mesos, registry_max_agent_count. */
export const goneAgentsMax = 102_400;

/** Agents remembered as unreachable. Source: Mesos, registry_max_agent_count. */
export const unreachableAgentsMax = 102_400;

/** Registry operations that leave as one batch; keeps a write far below the 1.5 MB that etcd takes in a request. */
export const registryBatchMax = 128;

/** How far the wall clocks of two masters may be apart, either way: NTP keeps milliseconds, a machine that lost it drifts by seconds. */
export const masterClockSkewMaxMs = 5_000;

/** Roles with a weight of their own; they are one record, and etcd takes 1.5 MB at once. */
export const weightedRolesMax = 5_000;

/** Roles with a quota; they are one record, each of some kilobytes at most, and etcd takes 1.5 MB at once. */
export const quotaRolesMax = 500;

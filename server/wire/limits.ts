/** How much a peer may send at once. Each limit is far above what a working peer needs and far below what hurts. */

import type { WireLimits } from "../../common/wire-check.ts";

/** gRPC's own default for a received message; the deepest message of Mesos nests 14 levels. */
export const callLimits: WireLimits = { maxBytes: 4 * 1024 * 1024, maxDepth: 32, subject: "the call" };

/** An agent that comes back brings all of its tasks, up to 20,000 of some kilobytes each. */
export const linkLimits: WireLimits = { maxBytes: 64 * 1024 * 1024, maxDepth: 32 };

/** A record holds one AgentInfo or FrameworkInfo, which came in a message of these limits. */
export const recordLimits: WireLimits = { maxBytes: 64 * 1024 * 1024, maxDepth: 32 };

/** One offer for each agent of the largest cluster. */
export const offerIdsMax = 10_000;

/** Each operation uses offered resources; there are not more kinds of use than this on one agent. */
export const operationsMax = 1_000;

/** Tasks of one ACCEPT, which all go to one agent. */
export const tasksMax = 10_000;

/** Roles of one framework; the allocator sorts them. */
export const rolesMax = 1_000;

/** Tasks of one RECONCILE; a framework with more asks in parts, or implicitly. */
export const reconcileTasksMax = 100_000;

/** Operations of one RECONCILE_OPERATIONS; as with tasks. */
export const reconcileOperationsMax = 100_000;

/** Mesos has nine kinds. */
export const capabilitiesMax = 100;

/** Attribute constraints of one framework, each looked at for each agent in an allocation. */
export const constraintsMax = 1_000;

/** Alternatives for the least that an offer must hold. */
export const offerQuantitiesMax = 100;

/** Machines with a maintenance window; they are one record, and etcd takes 1.5 MB at once. */
export const scheduledMachinesMax = 5_000;

/** Entries of one REQUEST. */
export const requestsMax = 1_000;

/** Roles whose weight or quota one call changes. */
export const changedRolesMax = 1_000;

/** Resources that the quota of one role names; there are a handful of kinds in a cluster. */
export const quotaNamesMax = 16;

/** Characters of such a name. */
export const quotaNameMaxLength = 64;

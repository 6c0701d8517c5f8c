/** The tasks that workloads launch, and how many of them an offer has room for. */

import { type Offer, Resource, TaskInfo } from "../protos/gen/mesos/v1/mesos.ts";

/** What each task takes. */
const taskCpus = 1;
const taskMemMb = 32;

/** Resources of an agent with room for so many tasks. */
export function resourcesOf(taskCount: number): Resource[] {
  const scalar = (name: string, value: number): Resource => Resource.fromPartial({ name, type: 0, scalar: { value } });
  const ports = Resource.fromPartial({ name: "ports", type: 1, ranges: { range: [{ begin: 31_000n, end: 32_000n }] } });
  return [scalar("cpus", taskCount * taskCpus), scalar("mem", taskCount * taskMemMb), scalar("disk", 1_024), ports];
}

/** The same, as the agent's flag takes them. */
export function resourcesFlag(taskCount: number): string {
  return `--resources=cpus:${taskCount * taskCpus};mem:${taskCount * taskMemMb};disk:1024;ports:[31000-32000]`;
}

/** How many tasks fit into the offer. */
export function roomIn(offer: Offer): number {
  const amount = (name: string): number => offer.resources.find((resource) => resource.name === name)?.scalar?.value ?? 0;
  return Math.floor(Math.min(amount("cpus") / taskCpus, amount("mem") / taskMemMb));
}

/** Makes tasks of one command for a shell, by id and agent. */
export function taskTemplate(command: string): (taskId: string, agentId: string) => TaskInfo {
  const template = TaskInfo.fromPartial({
    command: { value: command },
    resources: [
      { name: "cpus", type: 0, scalar: { value: taskCpus } },
      { name: "mem", type: 0, scalar: { value: taskMemMb } },
    ],
  });
  return (taskId, agentId) => ({ ...template, name: taskId, taskId: { value: taskId }, agentId: { value: agentId } });
}

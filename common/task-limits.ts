/** The rules of TaskInfo.limits: how much of cpus and mem a task may use beyond what it asks for. Source: Mesos master/validation.cpp. */

import type { Value_Scalar } from "../protos/gen/mesos/v1/mesos.ts";
import { excerpt } from "./excerpt.ts";
import { type Resources, scalarMilli } from "./resources.ts";
import { fromMilli } from "./values.ts";

export type TaskLimits = Readonly<Record<string, Value_Scalar>>;

/** The first rule that is broken, beginning with the path of its entry: `limits["mem"] must not be ...`. Infinity is no limit. */
export function findLimitsProblem(limits: TaskLimits, requests: Resources): string | undefined {
  for (const [name, { value }] of Object.entries(limits)) {
    const path = `limits["${excerpt(name)}"]`;
    if (name !== "cpus" && name !== "mem") return `${path} must be of cpus or mem`;
    if (Number.isNaN(value)) return `${path} must be a number, is NaN`;
    const request = fromMilli(scalarMilli(requests, name));
    if (request === 0) return `${path} must have ${name} among the resources beside it`;
    if (value < request) return `${path} must not be less than the ${name} of the resources, ${value} is less than ${request}`;
  }
  return undefined;
}

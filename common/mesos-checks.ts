/**
 * The rules of CheckInfo and HealthCheck, for whoever is handed one. Each answers "path rule, value", or undefined when there is nothing
 * wrong. Source: Mesos common/validation.cpp and checks/checker.cpp; ports and characters of a path are ours.
 */

import {
  type CheckInfo,
  CheckInfo_Type as CheckType,
  type CommandInfo,
  type HealthCheck,
  HealthCheck_Type as HealthType,
} from "../protos/gen/mesos/v1/mesos.ts";
import { findCommandProblem } from "./command-rules.ts";

/** Mesos holds lengths of time as 64 bits of nanoseconds. */
const secondsMax = 9_223_372_036;

const portMax = 65_535;

/** What servers commonly take in one line. */
const pathMaxLength = 2_048;

/** No spaces, control characters or others that a request line cannot hold as they are. */
const pathPattern = /^\/[\x21-\x7e]*$/;

export function findCheckProblem(path: string, info: CheckInfo): string | undefined {
  return (
    findCheckKindProblem(path, info) ??
    findSecondsProblem(`${path}.delay_seconds`, info.delaySeconds) ??
    findSecondsProblem(`${path}.interval_seconds`, info.intervalSeconds) ??
    findSecondsProblem(`${path}.timeout_seconds`, info.timeoutSeconds)
  );
}

export function findHealthCheckProblem(path: string, info: HealthCheck): string | undefined {
  return (
    findHealthCheckKindProblem(path, info) ??
    findSecondsProblem(`${path}.delay_seconds`, info.delaySeconds) ??
    findSecondsProblem(`${path}.interval_seconds`, info.intervalSeconds) ??
    findSecondsProblem(`${path}.timeout_seconds`, info.timeoutSeconds) ??
    findSecondsProblem(`${path}.grace_period_seconds`, info.gracePeriodSeconds)
  );
}

function findCheckKindProblem(path: string, info: CheckInfo): string | undefined {
  const { type, command, http, tcp } = info;
  switch (type) {
    case CheckType.COMMAND:
      if (command?.command === undefined) return `${path}.command must be set for the type COMMAND`;
      return prefixed(`${path}.command`, findCheckCommandProblem(command.command));
    case CheckType.HTTP:
      if (http === undefined) return `${path}.http must be set for the type HTTP`;
      return findPortProblem(`${path}.http.port`, http.port) ?? findPathProblem(`${path}.http.path`, http.path);
    case CheckType.TCP:
      return tcp === undefined ? `${path}.tcp must be set for the type TCP` : findPortProblem(`${path}.tcp.port`, tcp.port);
    default:
      return typeProblem(path, type);
  }
}

function findHealthCheckKindProblem(path: string, info: HealthCheck): string | undefined {
  const { type, command, http, tcp } = info;
  switch (type) {
    case HealthType.COMMAND:
      return command === undefined ? `${path}.command must be set for the type COMMAND` : prefixed(path, findCheckCommandProblem(command));
    case HealthType.HTTP:
      return http === undefined ? `${path}.http must be set for the type HTTP` : findHttpProblem(`${path}.http`, http);
    case HealthType.TCP:
      return tcp === undefined ? `${path}.tcp must be set for the type TCP` : findPortProblem(`${path}.tcp.port`, tcp.port);
    default:
      return typeProblem(path, type);
  }
}

function findHttpProblem(path: string, { scheme, port, path: httpPath, statuses }: NonNullable<HealthCheck["http"]>): string | undefined {
  if (scheme !== undefined && scheme !== "http" && scheme !== "https") return `${path}.scheme must be http or https, is "${scheme}"`;
  const index = statuses.findIndex((status) => status < 100 || status > 599);
  if (index >= 0) return `${path}.statuses[${index}] must be from 100 to 599, is ${statuses[index]}`;
  return findPortProblem(`${path}.port`, port) ?? findPathProblem(`${path}.path`, httpPath);
}

function typeProblem(path: string, type: number | undefined): string {
  return `${path}.type must be COMMAND, HTTP or TCP, ${type === undefined ? "is not set" : `is ${type}`}`;
}

function findPortProblem(path: string, port: number): string | undefined {
  return port >= 1 && port <= portMax ? undefined : `${path} must be from 1 to ${portMax}, is ${port}`;
}

function findPathProblem(path: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (text.length > pathMaxLength) return `${path} must have at most ${pathMaxLength} characters, has ${text.length}`;
  if (!text.startsWith("/")) return `${path} must begin with "/", is ${JSON.stringify(text)}`;
  if (!pathPattern.test(text)) return `${path} must consist of visible ASCII characters, is ${JSON.stringify(text)}`;
  return undefined;
}

function findSecondsProblem(path: string, seconds: number | undefined): string | undefined {
  if (seconds === undefined || (seconds >= 0 && seconds <= secondsMax)) return undefined;
  return `${path} must be from 0 to ${secondsMax}, is ${seconds}`;
}

/** User and files of a check's command are ignored, as in the reference. */
function findCheckCommandProblem(command: CommandInfo): string | undefined {
  return findCommandProblem({ ...command, user: undefined, uris: [] });
}

function prefixed(path: string, problem: string | undefined): string | undefined {
  return problem === undefined ? undefined : `${path}.${problem}`;
}

/** What a look means, in the words of mesos.v1: a CheckStatusInfo for a check, healthy or not for a health check. */

import { assertNever } from "../../../common/assert.ts";
import type { Checked } from "../../../common/task-status.ts";
import type { CheckInfo_Type, CheckStatusInfo } from "../../../protos/gen/mesos/v1/mesos.ts";
import type { Task } from "../state.ts";
import type { CheckSpec, ProbeResult } from "./check-spec.ts";

const commandType: typeof CheckInfo_Type.COMMAND = 1;
const httpType: typeof CheckInfo_Type.HTTP = 2;
const tcpType: typeof CheckInfo_Type.TCP = 3;

/** What a shell adds to the number of the signal that ended a command. */
const signalledBase = 128;

/** What is said of a task before anybody looked at it: of a check that there is no result, of its health nothing. */
export function uncheckedOf({ toRun }: Task): Checked {
  return toRun?.check === undefined ? {} : { checkStatus: toCheckStatus(toRun.check, undefined) };
}

/** The result of a check; empty when there is none, because the task did not answer or took too long. */
export function toCheckStatus({ probe }: CheckSpec, result: ProbeResult | undefined): CheckStatusInfo {
  switch (probe.kind) {
    case "command":
      return { type: commandType, command: result === undefined ? {} : toCommandResult(result) };
    case "http":
      return { type: httpType, http: result?.kind === "responded" ? { statusCode: result.statusCode } : {} };
    case "tcp": {
      const isAnswered = result?.kind === "connected" || result?.kind === "noAnswer";
      return { type: tcpType, tcp: isAnswered ? { succeeded: result.kind === "connected" } : {} };
    }
    default:
      return assertNever(probe);
  }
}

function toCommandResult(result: ProbeResult): NonNullable<CheckStatusInfo["command"]> {
  if (result.kind === "exited") return { exitCode: result.code };
  return result.kind === "signalled" ? { exitCode: signalledBase + result.signal } : {};
}

export function isSameCheckStatus(one: CheckStatusInfo | undefined, other: CheckStatusInfo): boolean {
  return (
    one !== undefined &&
    one.type === other.type &&
    one.command?.exitCode === other.command?.exitCode &&
    one.http?.statusCode === other.http?.statusCode &&
    one.tcp?.succeeded === other.tcp?.succeeded
  );
}

/** Exit code 0, a status from 200 to 399, a connection. */
export function isHealthy(result: ProbeResult): boolean {
  switch (result.kind) {
    case "exited":
      return result.code === 0;
    case "responded":
      return result.statusCode >= 200 && result.statusCode <= 399;
    case "connected":
      return true;
    case "signalled":
    case "noAnswer":
    case "timedOut":
    case "notDone":
      return false;
    default:
      return assertNever(result);
  }
}

/** For people. */
export function describeResult(result: ProbeResult): string {
  switch (result.kind) {
    case "exited":
      return `exit status ${result.code}`;
    case "signalled":
      return `ended by signal ${result.signal}`;
    case "responded":
      return `status ${result.statusCode}`;
    case "connected":
      return "connected";
    case "noAnswer":
    case "notDone":
      return result.reason;
    case "timedOut":
      return "timed out";
    default:
      return assertNever(result);
  }
}

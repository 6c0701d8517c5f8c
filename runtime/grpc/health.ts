/**
 * grpc.health.v1, with one difference to the package that implements it: bytes that are no request are refused with INVALID_ARGUMENT
 * and a reason, as everywhere else. (grpc-js answers INTERNAL, as if the fault were ours.)
 */

import type { Server, ServiceDefinition, UntypedServiceImplementation } from "@grpc/grpc-js";
import { HealthImplementation } from "grpc-health-check";

import { toStatus } from "./status.ts";

export const healthServiceName = "grpc.health.v1.Health";

/** What stands for a request that cannot be decoded. */
class Malformed {
  readonly reason: string;
  constructor(reason: string) {
    this.reason = reason;
  }
}

interface HealthCall {
  readonly request: unknown;
  /** Only of streams. */
  emit(event: "error", status: ReturnType<typeof toStatus>): boolean;
}

type Answer = (status: ReturnType<typeof toStatus>) => void;

/** Adds the service to `server`; nothing serves until its status is set. */
export function addHealth(server: Server): HealthImplementation {
  const health = new HealthImplementation();
  health.addToServer({
    addService: (definition, implementation) => {
      const guardedDefinition: Record<string, unknown> = {};
      const guardedImplementation: UntypedServiceImplementation = {};
      for (const [name, method] of Object.entries(definition)) {
        guardedDefinition[name] = { ...method, requestDeserialize: guardDecoder(method.requestDeserialize) };
        const handle = implementation[name] ?? implementation[method.originalName ?? name];
        if (handle !== undefined) guardedImplementation[name] = guardHandler(handle as (call: HealthCall, answer?: Answer) => void);
      }
      server.addService(guardedDefinition as ServiceDefinition, guardedImplementation);
    },
  });
  return health;
}

function guardDecoder(decode: (bytes: Buffer) => unknown): (bytes: Buffer) => unknown {
  return (bytes) => {
    try {
      return decode(bytes);
    } catch (error) {
      return new Malformed(error instanceof Error ? error.message : String(error));
    }
  };
}

function guardHandler(handle: (call: HealthCall, answer?: Answer) => void): (call: HealthCall, answer?: Answer) => void {
  return (call, answer) => {
    if (!(call.request instanceof Malformed)) {
      handle(call, answer);
      return;
    }
    const status = toStatus({
      code: "INVALID_ARGUMENT",
      message: `message must be a request of ${healthServiceName}: ${call.request.reason}`,
    });
    if (answer === undefined) call.emit("error", status);
    else answer(status);
  };
}

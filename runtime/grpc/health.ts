/**
 * grpc.health.v1, with two differences to the package that implements it: bytes that are no request are refused with INVALID_ARGUMENT
 * and a reason, as everywhere else (grpc-js answers INTERNAL, as if the fault were ours); and so is a name that no service has and that
 * the package would repeat in its answer, however much larger than a header may be.
 */

import type { Server, ServiceDefinition, UntypedServiceImplementation } from "@grpc/grpc-js";
import { HealthImplementation } from "grpc-health-check";

import { toStatus } from "./status.ts";

export const healthServiceName = "grpc.health.v1.Health";

/** Every service of ours has a shorter name. */
const serviceNameMaxLength = 256;

/** What stands for a request that is refused. */
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
    let request: unknown;
    try {
      request = decode(bytes);
    } catch (error) {
      return new Malformed(error instanceof Error ? error.message : String(error));
    }
    const length = nameLength(request);
    if (length <= serviceNameMaxLength) return request;
    return new Malformed(`service must have at most ${serviceNameMaxLength} characters, has ${length}`);
  };
}

function nameLength(request: unknown): number {
  if (typeof request !== "object" || request === null || !("service" in request)) return 0;
  return typeof request.service === "string" ? request.service.length : 0;
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

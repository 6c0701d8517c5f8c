/**
 * A gRPC server with limits, health and reflection. Methods get and give bytes: decoding is the business of wire/, so
 * that a message that cannot be decoded is refused with INVALID_ARGUMENT and a reason of ours.
 */

import {
  logVerbosity,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  setLogVerbosity,
  type UntypedHandleCall,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import type { ServingStatus } from "grpc-health-check";

import { assertNever } from "../../common/assert.ts";
import { formatAddress, type ListenRequest, toListenError } from "../address.ts";
import { addHealth, healthServiceName } from "./health.ts";
import { pipelineWrites } from "./pipelined-writes.ts";
import { createReflection, reflectionMethod, reflectionServices } from "./reflection.ts";
import { endWithStatus } from "./status.ts";

/** Largest message taken: a call that launches some thousands of tasks fits, a peer cannot make us hold more per stream. */
export const messageMaxBytes = 16 * 1024 * 1024;

/** Streams of one connection. A scheduler needs a handful, a proxy in front of many schedulers a few hundred. */
const concurrentStreamsMax = 1_000;

/** An idle connection is asked for a sign of life, so that a vanished peer does not keep its streams for hours. */
const keepaliveTimeMs = 30_000;
const keepaliveTimeoutMs = 20_000;

/** How long streams may finish before a closing server cuts them. */
const closeGraceMs = 1_000;

export type UnaryCall = ServerUnaryCall<Uint8Array, Uint8Array>;
export type UnaryAnswer = sendUnaryData<Uint8Array>;
export type ServerStream = ServerWritableStream<Uint8Array, Uint8Array>;
export type ClientStream = ServerReadableStream<Uint8Array, Uint8Array>;
export type BidiStream = ServerDuplexStream<Uint8Array, Uint8Array>;

export type Method =
  | { readonly kind: "unary"; readonly handle: (call: UnaryCall, answer: UnaryAnswer) => void }
  | { readonly kind: "serverStream"; readonly handle: (stream: ServerStream) => void }
  | { readonly kind: "clientStream"; readonly handle: (stream: ClientStream, answer: UnaryAnswer) => void }
  | { readonly kind: "bidi"; readonly handle: (stream: BidiStream) => void };

export interface Service {
  /** "tepui.v1.Scheduler" */
  readonly name: string;
  /** By name of the method in the .proto file. Methods left out answer UNIMPLEMENTED. */
  readonly methods: ReadonlyMap<string, Method>;
}

export interface GrpcServerOptions {
  readonly services: readonly Service[];
  /** A serialised google.protobuf.FileDescriptorSet, for reflection. */
  readonly descriptors: Uint8Array;
  /** Told what a handler throws: handlers never do, so it is a bug. (grpc-js would swallow it.) */
  readonly onFatal: (error: unknown) => void;
}

export interface GrpcServer {
  /** The port that is bound. Rejects with ListenError. */
  listen(request: ListenRequest): Promise<number>;
  /** What grpc.health.v1 says of every service. */
  setServing(serving: boolean): void;
  /** Takes no new connections, lets streams finish for a moment, then cuts them. */
  close(): Promise<void>;
}

export function createGrpcServer({ services, descriptors, onFatal }: GrpcServerOptions): GrpcServer {
  // Failures come back as errors; grpc-js would print them on stderr, between our JSON lines.
  setLogVerbosity(logVerbosity.NONE);
  const server = new Server({
    "grpc.max_receive_message_length": messageMaxBytes,
    "grpc.max_concurrent_streams": concurrentStreamsMax,
    "grpc.keepalive_time_ms": keepaliveTimeMs,
    "grpc.keepalive_timeout_ms": keepaliveTimeoutMs,
    interceptors: [pipelineWrites],
  });
  for (const service of services) addService(server, service, onFatal);
  const names = services.map(({ name }) => name);
  const health = addHealth(server);
  const reflect = serveReflection(names, descriptors);
  for (const name of reflectionServices) addService(server, { name, methods: new Map([[reflectionMethod, reflect]]) }, onFatal);

  function setServing(serving: boolean): void {
    const status: ServingStatus = serving ? "SERVING" : "NOT_SERVING";
    for (const name of ["", ...names]) health.setStatus(name, status);
  }
  setServing(false);

  return {
    listen: (request) => listen(server, request),
    setServing,
    close: () => close(server),
  };
}

/** Lists what `names` name, and health; reflection itself needs no description. */
function serveReflection(names: readonly string[], descriptors: Uint8Array): Method {
  const answer = createReflection({ services: [...names, healthServiceName], descriptors });
  return {
    kind: "bidi",
    handle: (stream) => {
      stream.on("data", (request: Uint8Array) => {
        const response = answer(request);
        if (response === undefined) {
          endWithStatus(stream, { code: "INVALID_ARGUMENT", message: "the request is not a ServerReflectionRequest" });
          return;
        }
        // Answers are large and questions small: who does not read is asked nothing more.
        if (!stream.write(response)) stream.pause();
      });
      stream.on("drain", () => stream.resume());
      stream.on("end", () => stream.end());
    },
  };
}

function addService(server: Server, { name, methods }: Service, onFatal: (error: unknown) => void): void {
  const definition: Record<string, ReturnType<typeof rawMethod>> = {};
  const implementation: UntypedServiceImplementation = {};
  for (const [methodName, method] of methods) {
    definition[methodName] = rawMethod(`/${name}/${methodName}`, method);
    implementation[methodName] = guard(method, onFatal);
  }
  server.addService(definition, implementation);
}

function guard(method: Method, onFatal: (error: unknown) => void): UntypedHandleCall {
  const run = (handle: () => void): void => {
    try {
      handle();
    } catch (error) {
      onFatal(error);
    }
  };
  switch (method.kind) {
    case "unary":
      return (call: UnaryCall, answer: UnaryAnswer) => run(() => method.handle(call, answer));
    case "serverStream":
      return (stream: ServerStream) => run(() => method.handle(stream));
    case "clientStream":
      return (stream: ClientStream, answer: UnaryAnswer) => run(() => method.handle(stream, answer));
    case "bidi":
      return (stream: BidiStream) => run(() => method.handle(stream));
    default:
      return assertNever(method);
  }
}

function rawMethod(path: string, { kind }: Method) {
  return {
    path,
    requestStream: kind === "bidi" || kind === "clientStream",
    responseStream: kind === "bidi" || kind === "serverStream",
    requestSerialize: toBuffer,
    requestDeserialize: (bytes: Buffer) => bytes,
    responseSerialize: toBuffer,
    responseDeserialize: (bytes: Buffer) => bytes,
  };
}

/** The same memory as a Buffer, which grpc-js asks for. */
export function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function listen(server: Server, request: ListenRequest): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(formatAddress(request.host, request.port), ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) resolve(port);
      else reject(toListenError(request, error));
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.forceShutdown(), closeGraceMs);
    server.tryShutdown(() => {
      clearTimeout(cut);
      resolve();
    });
  });
}

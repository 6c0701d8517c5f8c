/** The thread behind sqlite.ts: takes one request after the other and answers each. */

import { type MessagePort, parentPort, workerData } from "node:worker_threads";

import { assertDefined, assertNever } from "../../common/assert.ts";
import { openSqliteDatabase, type SqliteDatabase } from "./sqlite-database.ts";
import type { StoreChange, StoreFormat } from "./store.ts";

export interface WorkerData {
  readonly path: string;
  readonly format: StoreFormat;
}

export type WorkerRequest =
  | { readonly kind: "open" }
  | { readonly kind: "read" }
  | { readonly kind: "write"; readonly expectedVersion: number; readonly changes: readonly StoreChange[] }
  | { readonly kind: "close" };

/** Answers come in the order of the requests. */
export type WorkerAnswer = { readonly kind: "done"; readonly value: unknown } | { readonly kind: "failed"; readonly message: string };

function serve(port: MessagePort, { path, format }: WorkerData): void {
  let database: SqliteDatabase | undefined;
  const answer = (request: WorkerRequest): unknown => {
    switch (request.kind) {
      case "open":
        database = openSqliteDatabase(path, format);
        return undefined;
      case "read":
        return assertDefined(database, "open database").read();
      case "write":
        return assertDefined(database, "open database").write(request.expectedVersion, request.changes);
      case "close":
        database?.close();
        return undefined;
      default:
        return assertNever(request);
    }
  };
  port.on("message", (request: WorkerRequest) => {
    let result: WorkerAnswer;
    try {
      result = { kind: "done", value: answer(request) };
    } catch (error) {
      result = { kind: "failed", message: error instanceof Error ? error.message : String(error) };
    }
    port.postMessage(result);
    if (request.kind === "close") port.close();
  });
}

serve(assertDefined(parentPort, "the port of a worker thread"), workerData as WorkerData);

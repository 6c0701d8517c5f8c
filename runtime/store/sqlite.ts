/**
 * The durable store of a single machine: SQLite in a worker thread, so that a flush never holds up the event loop.
 * The worker's file stands beside this one; a bundle has to keep it there (as sqlite-worker.js).
 */

import { dirname, extname } from "node:path";
import { Worker } from "node:worker_threads";

import { makeDirectory } from "./make-directory.ts";
import type { WorkerAnswer, WorkerData, WorkerRequest } from "./sqlite-worker.ts";
import { type Store, type StoreContents, StoreError, type StoreFormat, type WriteOutcome } from "./store.ts";

interface Waiting {
  resolve(value: unknown): void;
  reject(error: StoreError): void;
}

/** Opens or creates the file and its directory. Rejects with StoreError when it is in use, newer, or of another kind. */
export async function openSqliteStore(path: string, format: StoreFormat): Promise<Store> {
  try {
    makeDirectory(dirname(path));
  } catch (error) {
    throw new StoreError(`${dirname(path)} cannot be created: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  const request = startWorker({ path, format });
  try {
    await request({ kind: "open" });
  } catch (error) {
    await request({ kind: "close" });
    throw error;
  }
  let closing: Promise<unknown> | undefined;
  return {
    read: async () => (await request({ kind: "read" })) as StoreContents,
    write: async (expectedVersion, changes) => (await request({ kind: "write", expectedVersion, changes })) as WriteOutcome,
    close: async () => {
      closing ??= request({ kind: "close" });
      await closing;
    },
  };
}

/** Answers match requests by order. A worker that died fails what waits and whatever is asked later. */
function startWorker(data: WorkerData): (request: WorkerRequest) => Promise<unknown> {
  const worker = new Worker(new URL(`./sqlite-worker${extname(import.meta.url)}`, import.meta.url), { workerData: data });
  let waiting: Waiting[] = [];
  let ended: StoreError | undefined;

  const end = (error: StoreError): void => {
    ended ??= error;
    for (const one of waiting) one.reject(ended);
    waiting = [];
  };
  worker.on("message", (answer: WorkerAnswer) => {
    const one = waiting.shift();
    if (answer.kind === "done") one?.resolve(answer.value);
    else one?.reject(new StoreError(answer.message));
  });
  worker.on("error", (error) => end(new StoreError(`${data.path}: the store's thread failed`, { cause: error })));
  worker.on("exit", () => end(new StoreError(`${data.path}: the store is closed`)));

  return (request) => {
    if (ended !== undefined) return Promise.reject(ended);
    return new Promise((resolve, reject) => {
      waiting.push({ resolve, reject });
      worker.postMessage(request);
    });
  };
}

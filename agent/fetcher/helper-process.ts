/**
 * Programs of the system that the fetcher reads from: `cat`, so that a file is opened with the rights of the task's user (and
 * one that hangs can be given up), and the decompressors that Node does not have.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

import { FetchError } from "./fetch-error.ts";

/** A line for the reason; the rest of what a program complains about is dropped. */
const complaintMax = 500;

export interface HelperCommand {
  readonly program: string;
  readonly arguments: readonly string[];
  /** What stands before the program to run it as another user. */
  readonly switchUser: readonly string[];
  /** A file to read from; undefined for none. */
  readonly stdin: number | undefined;
}

/** What the program writes. Throws FetchError when it cannot be started or does not end well. */
export async function* outputOf(command: HelperCommand, signal: AbortSignal): AsyncGenerator<Buffer> {
  const { program, switchUser, stdin } = command;
  const [first = program, ...rest] = [...switchUser, program, ...command.arguments];
  const child = spawn(first, rest, {
    cwd: "/",
    env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin", LC_ALL: "C" },
    stdio: [stdin ?? "ignore", "pipe", "pipe"],
  });
  const kill = (): void => void child.kill("SIGKILL");
  const failed = once(child, "error").then(([error]) => error as Error);
  const ended = once(child, "close");
  // Both are looked at below; the one that never comes must not count as forgotten.
  failed.catch(() => {});
  ended.catch(() => {});
  signal.addEventListener("abort", kill, { once: true });
  const complaint = collect(child);
  try {
    if (signal.aborted) kill();
    if (child.stdout !== null) for await (const chunk of child.stdout) yield chunk as Buffer;
    if (child.pid === undefined) throw await failed;
    const [code, endSignal] = (await ended) as [number | null, string | null];
    if (code === 0) return;
    const how = complaint() === "" ? `ended with ${endSignal ?? `status ${code}`}` : complaint();
    throw new FetchError(`${program} says: ${how}`);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") {
      throw new FetchError(`the program ${first} is needed and is not installed on the agent's machine`);
    }
    throw error;
  } finally {
    signal.removeEventListener("abort", kill);
    kill();
  }
}

/** The first line that the program writes to its standard error. */
function collect(child: ChildProcess): () => string {
  let text = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    if (text.length < complaintMax) text += chunk.toString("utf8");
  });
  return () => text.slice(0, complaintMax).split("\n")[0] ?? "";
}

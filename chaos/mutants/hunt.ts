/**
 * Hunts one planted bug: a process of its own runs sequences with the bug until one fails, and the same sequence on the
 * true source must pass here, or the failure was a false alarm and does not count.
 */

import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { assertNever } from "../../common/assert.ts";
import { type RunVerdict, runPlan } from "../../harness/run.ts";
import { faults } from "../faults/catalog.ts";
import { simulatedCluster } from "../simulated.ts";
import { type Mutant, mutantVariable } from "./mutant.ts";
import { huntPlan, plantedReplayLine } from "./plan.ts";
import type { PreyMessage, PreyOptions } from "./prey.ts";

export interface Hunt {
  readonly mutant: Mutant;
  /** Undefined: the bug survived. */
  readonly catch: Catch | undefined;
  /** Runs with the bug. */
  readonly sequences: number;
  /** Runs in which the bug took its other way. */
  readonly actedCount: number;
  /** Seeds that fail without the bug, too. */
  readonly falseAlarms: readonly number[];
  /** Why runs with the bug could not be done. A bug that was not caught then counts as a survivor, too. */
  readonly problem: string | undefined;
}

export interface Catch {
  readonly seed: number;
  readonly suite: string;
  /** Guarantees that failed, and "convergence". */
  readonly caughtBy: readonly string[];
  readonly reason: string;
  readonly seconds: number;
  readonly replay: string;
}

/** Past the hunt's own limit the process is ended: the last sequence takes its time, too. */
const lastSequenceMs = 60_000;
const stderrKeptChars = 2_000;

/** `options.limitMs` bounds the hunt. Never rejects. */
export async function hunt(mutant: Mutant, options: PreyOptions): Promise<Hunt> {
  const startMs = performance.now();
  const child = startPrey(mutant, options);
  const timer = setTimeout(() => child.kill("SIGKILL"), options.limitMs + lastSequenceMs);
  let stderr = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    stderr = (stderr + chunk.toString()).slice(-stderrKeptChars);
  });
  const falseAlarms: number[] = [];
  let sequences = 0;
  let actedCount = 0;
  try {
    for await (const message of messagesOf(child)) {
      actedCount = message.actedCount;
      switch (message.kind) {
        case "over":
          return { mutant, catch: undefined, sequences: message.sequences, actedCount, falseAlarms, problem: message.error };
        case "failed": {
          sequences = message.index + 1;
          const plan = huntPlan(options.firstSeed, message.index, options);
          const { seed, suite } = plan.options;
          if ((await verdictWithoutBug(options, message.index)) !== "pass") {
            falseAlarms.push(seed);
            child.send("go on");
            break;
          }
          const { caughtBy, reason } = message;
          const seconds = (performance.now() - startMs) / 1_000;
          const caught = { seed, suite, caughtBy, reason, seconds, replay: plantedReplayLine(mutant, plan) };
          return { mutant, catch: caught, sequences, actedCount, falseAlarms, problem: undefined };
        }
        default:
          assertNever(message);
      }
    }
    return { mutant, catch: undefined, sequences, actedCount, falseAlarms, problem: `its process ended: ${stderr.trim()}` };
  } finally {
    clearTimeout(timer);
    child.kill("SIGKILL");
  }
}

function startPrey(mutant: Mutant, options: PreyOptions): ChildProcess {
  const { firstSeed, limitMs, clientsOnly } = options;
  return fork(fileURLToPath(new URL("prey.ts", import.meta.url)), [JSON.stringify({ firstSeed, limitMs, clientsOnly })], {
    execArgv: ["--disable-warning=ExperimentalWarning", "--import", fileURLToPath(new URL("register.ts", import.meta.url))],
    env: { ...process.env, [mutantVariable]: mutant.id },
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
}

/** Ends with the process. */
async function* messagesOf(child: ChildProcess): AsyncGenerator<PreyMessage> {
  const waiting: PreyMessage[] = [];
  let isOver = false;
  let wake: () => void = () => undefined;
  child.on("message", (message) => {
    waiting.push(message as PreyMessage);
    wake();
  });
  child.on("close", () => {
    isOver = true;
    wake();
  });
  for (;;) {
    const message = waiting.shift();
    if (message !== undefined) yield message;
    else if (isOver) return;
    else
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
  }
}

async function verdictWithoutBug(options: PreyOptions, index: number): Promise<RunVerdict> {
  const plan = huntPlan(options.firstSeed, index, options);
  const result = await runPlan(plan, { createCluster: simulatedCluster, faults, print: () => undefined });
  return result.verdict;
}

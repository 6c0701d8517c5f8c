/** The floor of real tasks: a bare loop that spawns a command for a shell, with some at a time. */

import { spawn } from "node:child_process";

import { cpuWithChildrenMs } from "../process-usage.ts";

export interface SpawnLoopResult {
  readonly wallMs: number;
  /** Of this process and of what it spawned. */
  readonly cpuMs: number;
  /** From spawn() to its return: what one launch costs at least. */
  readonly launchMs: readonly number[];
}

/** Runs `command` `count` times, `atOnce` at a time. Rejects when one does not exit 0. */
export function runSpawnLoop(command: string, count: number, atOnce: number): Promise<SpawnLoopResult> {
  const beganAtMs = performance.now();
  const cpuBeforeMs = cpuWithChildrenMs(process.pid);
  const launchMs: number[] = [];
  return new Promise((resolve, reject) => {
    let ended = 0;
    const start = (): void => {
      const spawnedAtMs = performance.now();
      const child = spawn("/bin/sh", ["-c", command], { stdio: "ignore" });
      launchMs.push(performance.now() - spawnedAtMs);
      child.on("error", reject);
      child.on("exit", (code) => {
        if (code !== 0) reject(new Error(`${command} exited with ${code}`));
        if (++ended === count) {
          const cpuMs = cpuWithChildrenMs(process.pid) - cpuBeforeMs;
          resolve({ wallMs: performance.now() - beganAtMs, cpuMs, launchMs });
        } else if (launchMs.length < count) setImmediate(start);
      });
    };
    for (let running = 0; running < Math.min(atOnce, count); running++) setImmediate(start);
  });
}

/** Several loops as if they were one. */
export function joinLoops(loops: readonly SpawnLoopResult[]): SpawnLoopResult {
  const sum = (value: (loop: SpawnLoopResult) => number): number => loops.reduce((total, loop) => total + value(loop), 0);
  return { wallMs: sum((loop) => loop.wallMs), cpuMs: sum((loop) => loop.cpuMs), launchMs: loops.flatMap((loop) => loop.launchMs) };
}

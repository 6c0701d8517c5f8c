/**
 * Where a master's CPU goes, from the CPU profile that Node leaves: every sample belongs to the first frame, seen from the
 * outside, that says what is being done. A profile of the sources, not of the bundle: the frames' files tell.
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const workKinds = ["decode", "step", "encode", "shell", "grpc-js", "HTTP/2 and kernel", "garbage"] as const;
export type WorkKind = (typeof workKinds)[number];

/** The parts of a .cpuprofile that count here. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
    readonly children?: readonly number[];
  }[];
  /** Ids of nodes, one for each sample. */
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

/** Reads what the main thread of process `pid` left in `folder`. */
export function readProfile(folder: string, pid: number): CpuProfile {
  const name = readdirSync(folder).find((each) => each.includes(`.${pid}.0.`) && each.endsWith(".cpuprofile"));
  if (name === undefined) throw new Error(`process ${pid} left no CPU profile in ${folder}`);
  return JSON.parse(readFileSync(join(folder, name), "utf8")) as CpuProfile;
}

/** Fractions of the time in which the thread did something after its start. They add up to 1, unless there is no sample at all. */
export function workShares({ nodes, samples, timeDeltas }: CpuProfile): ReadonlyMap<WorkKind, number> {
  const kinds = kindsOfNodes(nodes);
  const spentUs = new Map<WorkKind, number>(workKinds.map((kind) => [kind, 0]));
  let totalUs = 0;
  for (const [index, id] of samples.entries()) {
    const kind = kinds.get(id);
    if (kind === undefined) continue;
    const us = timeDeltas[index] ?? 0;
    spentUs.set(kind, (spentUs.get(kind) ?? 0) + us);
    totalUs += us;
  }
  return new Map(workKinds.map((kind) => [kind, (spentUs.get(kind) ?? 0) / Math.max(1, totalUs)]));
}

type Frame = CpuProfile["nodes"][number]["callFrame"];

/** What samples of a node count for; those of waiting and of loading modules count for nothing. */
function kindsOfNodes(nodes: CpuProfile["nodes"]): ReadonlyMap<number, WorkKind> {
  const parents = new Map<number, number>();
  for (const { id, children = [] } of nodes) for (const child of children) parents.set(child, id);
  const byId = new Map(nodes.map((node) => [node.id, node.callFrame]));
  const kinds = new Map<number, WorkKind>();
  for (const { id, callFrame } of nodes) {
    let outermost: WorkKind | "nothing" | undefined;
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
      const frame = byId.get(at);
      outermost = (frame && purposeOf(frame)) ?? outermost;
    }
    const kind = outermost ?? leafKindOf(callFrame);
    if (kind !== "nothing") kinds.set(id, kind);
  }
  return kinds;
}

/** Of a frame that says what everything beneath it is for. */
function purposeOf({ functionName, url }: Frame): WorkKind | "nothing" | undefined {
  if (url.startsWith("node:internal/modules/") || functionName === "(idle)") return "nothing";
  if (url.includes("/server/core/")) return "step";
  if (url.includes("/server/wire/")) return functionName.startsWith("decode") ? "decode" : "encode";
  return url.includes("/common/encode-message.") ? "encode" : undefined;
}

/** Of a frame beneath which nobody said it. */
function leafKindOf({ functionName, url }: Frame): WorkKind {
  if (functionName === "(garbage collector)") return "garbage";
  if (url.includes("/@grpc/grpc-js/")) return "grpc-js";
  return url === "" || url.startsWith("node:") ? "HTTP/2 and kernel" : "shell";
}

/** Unpacks an archive into a sandbox. Which kind it is its name says, as in the reference; what is in it may be anything. */

import { createReadStream, type ReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { createGunzip } from "node:zlib";

import { FetchError, toFetchError } from "./fetch-error.ts";
import { outputOf } from "./helper-process.ts";
import type { SandboxTree } from "./sandbox-tree.ts";
import { unpackTar } from "./unpack-tar.ts";
import { unpackZip } from "./unpack-zip.ts";

type Compression = "none" | "gzip" | "bzip2" | "xz";

export type ArchiveKind =
  | { readonly kind: "tar"; readonly compression: Compression }
  | { readonly kind: "zip" }
  /** One file, whose name is that of the archive without the suffix. */
  | { readonly kind: "gzip" };

const suffixes: readonly (readonly [suffix: string, kind: ArchiveKind])[] = [
  [".tar", { kind: "tar", compression: "none" }],
  [".tgz", { kind: "tar", compression: "gzip" }],
  [".tar.gz", { kind: "tar", compression: "gzip" }],
  [".tbz2", { kind: "tar", compression: "bzip2" }],
  [".tar.bz2", { kind: "tar", compression: "bzip2" }],
  [".txz", { kind: "tar", compression: "xz" }],
  [".tar.xz", { kind: "tar", compression: "xz" }],
  [".gz", { kind: "gzip" }],
  [".zip", { kind: "zip" }],
];

/** Undefined for a file that is no archive, as far as its name tells. */
export function archiveKind(name: string): ArchiveKind | undefined {
  return suffixes.find(([suffix]) => name.endsWith(suffix) && name !== suffix)?.[1];
}

export interface Archive {
  readonly kind: ArchiveKind;
  /** Where it lies. */
  readonly place: string;
  /** Its path in the sandbox, or the one that it would have. */
  readonly name: string;
}

export interface UnpackOptions {
  readonly tree: SandboxTree;
  /** What stands before a program to run it as the task's user. */
  readonly switchUser: readonly string[];
  readonly signal: AbortSignal;
}

/** Throws FetchError, or the reason of `signal`. */
export async function unpack({ kind, place, name }: Archive, { tree, switchUser, signal }: UnpackOptions): Promise<void> {
  try {
    if (kind.kind === "zip") await unpackZip(place, tree, signal);
    else if (kind.kind === "tar") await unpackTar(decompressed(place, kind.compression, { switchUser, signal }), tree, signal);
    else {
      const content = decompressed(place, "gzip", { switchUser, signal });
      await tree.unpackFile(name.replace(/\.gz$/, ""), { mode: 0o644 }, stoppable(content, signal));
    }
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw new FetchError(`it cannot be unpacked: ${toFetchError(error).message}`, { cause: error });
  }
}

async function* decompressed(
  place: string,
  compression: Compression,
  { switchUser, signal }: Pick<UnpackOptions, "switchUser" | "signal">,
): AsyncGenerator<Buffer> {
  if (compression === "none" || compression === "gzip") {
    const packed = createReadStream(place, { signal });
    if (compression === "none") yield* packed as AsyncIterable<Buffer>;
    else yield* gunzipped(packed);
    return;
  }
  const file = await open(place, "r");
  try {
    yield* outputOf({ program: compression, arguments: ["-dc"], switchUser, stdin: file.fd }, signal);
  } finally {
    await file.close();
  }
}

/** Both streams end with the last byte or with the one who reads, whatever happens. */
async function* gunzipped(packed: ReadStream): AsyncGenerator<Buffer> {
  const gunzip = createGunzip();
  packed.once("error", (error) => gunzip.destroy(error));
  try {
    yield* packed.pipe(gunzip) as AsyncIterable<Buffer>;
  } finally {
    packed.destroy();
    gunzip.destroy();
  }
}

async function* stoppable(content: AsyncIterable<Buffer>, signal: AbortSignal): AsyncGenerator<Buffer> {
  for await (const chunk of content) {
    if (signal.aborted) throw signal.reason;
    yield chunk;
  }
}

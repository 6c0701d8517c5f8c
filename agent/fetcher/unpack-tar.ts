/** Takes a tar stream apart. The package `tar` reads the format; where a member goes is decided here and in the sandbox tree. */

import { once } from "node:events";

import { Parser, type ReadEntry } from "tar";

import { FetchError } from "./fetch-error.ts";
import type { SandboxTree } from "./sandbox-tree.ts";

/** Where a member does not say what it may be used for. */
const usualMode = 0o644;

/** Throws FetchError for what is no tar archive or must not be unpacked; what came before stays. */
export async function unpackTar(content: AsyncIterable<Buffer>, tree: SandboxTree, signal: AbortSignal): Promise<void> {
  const { promise: failed, reject } = Promise.withResolvers<never>();
  failed.catch(() => {});
  let failure: { readonly error: unknown } | undefined;
  const fail = (error: unknown): void => {
    failure ??= { error };
    reject(failure.error);
  };
  let members = Promise.resolve();
  let current: ReadEntry | undefined;
  const parser = new Parser({
    strict: true,
    onReadEntry: (entry) => {
      // The parser hands out the next member when this one was read to its end.
      members = members.then(() => {
        if (failure !== undefined) throw failure.error;
        current = entry;
        return unpackMember(entry, tree);
      });
      members.catch(fail);
    },
  });
  parser.on("error", fail);
  parser.on("ignoredEntry", (entry: ReadEntry) => fail(refusedType(entry)));
  const ended = new Promise((resolve) => parser.once("end", resolve));
  try {
    for await (const chunk of content) {
      if (signal.aborted) throw signal.reason;
      if (!parser.write(chunk)) await Promise.race([once(parser, "drain"), failed]);
    }
    parser.end();
    await Promise.race([ended, failed]);
    await Promise.race([members, failed]);
    // That it was no archive at all the parser says at the very end.
    if (failure !== undefined) throw failure.error;
  } catch (error) {
    fail(error);
    // Nothing more comes for a member that is being written.
    current?.destroy(error);
    await members.catch(() => {});
    throw error;
  }
}

async function unpackMember(entry: ReadEntry, tree: SandboxTree): Promise<void> {
  const { path, type, linkpath = "", mode = usualMode, mtime: modifiedAt } = entry;
  switch (type) {
    case "File":
    case "OldFile":
    case "ContiguousFile":
      // An older form of a folder: a file whose name ends like one.
      if (path.endsWith("/")) break;
      await tree.unpackFile(path, { mode, modifiedAt }, entry as AsyncIterable<Buffer>);
      return;
    case "Directory":
    case "GNUDumpDir":
      break;
    case "SymbolicLink":
      await tree.unpackSymbolicLink(path, linkpath);
      entry.resume();
      return;
    case "Link":
      await tree.unpackHardLink(path, linkpath);
      entry.resume();
      return;
    default:
      throw refusedType(entry);
  }
  await tree.unpackFolder(path);
  entry.resume();
}

function refusedType({ path, type }: ReadEntry): FetchError {
  return new FetchError(`its members must be files, folders and links, has ${JSON.stringify(path)} of type ${type}`);
}

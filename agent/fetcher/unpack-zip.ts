/** Takes a zip file apart. The package `yauzl` reads the format; where a member goes is decided here and in the sandbox tree. */

import { crc32 } from "node:zlib";

import { type Entry, openPromise, type ZipFile } from "yauzl";

import { FetchError } from "./fetch-error.ts";
import type { SandboxTree } from "./sandbox-tree.ts";

/** Kinds of files as Unix has them in the upper half of a member's external attributes. */
const typeBits = 0o170000;
const fileType = 0o100000;
const folderType = 0o040000;
const linkType = 0o120000;

/** Where a member does not say what it may be used for, as those of other systems do not. */
const usualMode = 0o644;

/** PATH_MAX of Linux: a longer link leads nowhere. */
const linkMaxBytes = 4_096;

/** Throws FetchError, or what `yauzl` throws for a file that is no zip file or a member that must not be unpacked. */
export async function unpackZip(place: string, tree: SandboxTree, signal: AbortSignal): Promise<void> {
  const zip = await openPromise(place, { lazyEntries: true, autoClose: false, strictFileNames: true, validateEntrySizes: true });
  try {
    for await (const entry of zip.eachEntry()) {
      if (signal.aborted) throw signal.reason;
      await unpackMember(zip, entry, { tree, signal });
    }
  } finally {
    zip.close();
  }
}

async function unpackMember(
  zip: ZipFile,
  entry: Entry,
  { tree, signal }: { readonly tree: SandboxTree; readonly signal: AbortSignal },
): Promise<void> {
  const { fileName } = entry;
  const attributes = entry.externalFileAttributes >>> 16;
  const type = attributes & typeBits;
  if (fileName.endsWith("/") || type === folderType) {
    await tree.unpackFolder(fileName);
    return;
  }
  if (type !== 0 && type !== fileType && type !== linkType) {
    throw new FetchError(`its members must be files, folders and links, has ${JSON.stringify(fileName)} of type 0${type.toString(8)}`);
  }
  const content = read(zip, entry, signal);
  if (type === linkType) await tree.unpackSymbolicLink(fileName, await textOf(content));
  else {
    const mode = attributes === 0 ? usualMode : attributes;
    await tree.unpackFile(fileName, { mode, modifiedAt: entry.getLastModDate() }, content);
  }
}

async function* read(zip: ZipFile, entry: Entry, signal: AbortSignal): AsyncGenerator<Buffer> {
  const stream = await zip.openReadStreamPromise(entry);
  let sum = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      if (signal.aborted) throw signal.reason;
      sum = crc32(chunk, sum);
      yield chunk;
    }
    // The package checks sizes only.
    if (sum !== entry.crc32)
      throw new FetchError(`its member ${JSON.stringify(entry.fileName)} must have the checksum that its directory says`);
  } finally {
    stream.destroy();
  }
}

async function textOf(content: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of content) {
    bytes += chunk.length;
    if (bytes > linkMaxBytes) throw new FetchError(`its links must have at most ${linkMaxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

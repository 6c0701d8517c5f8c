/** Reads a URI as far as its own text says: how to get it, and what the file is called where the command does not say. */

import type { CommandUri } from "../core/command-description.ts";
import { FetchError } from "./fetch-error.ts";

export type FetchSource =
  | { readonly kind: "http"; readonly url: URL }
  /** An absolute path on the agent's machine. */
  | { readonly kind: "file"; readonly path: string };

/** A file name in Linux. */
const nameLengthMax = 255;

/** Throws FetchError for what no agent can fetch. */
export function parseSource(value: string): FetchSource {
  if (value.startsWith("/")) return { kind: "file", path: value };
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(value)?.[1]?.toLowerCase();
  if (scheme === "file") {
    // Paths in URIs of the reference are taken as they are, without %-escapes.
    const path = /^file:(?:\/\/(?:localhost)?)?(\/(?!\/).*)$/i.exec(value)?.[1];
    if (path === undefined) throw new FetchError("a file URI must be of this machine, like file:///path");
    return { kind: "file", path };
  }
  if (scheme !== "http" && scheme !== "https") {
    throw new FetchError(
      `it must begin with http://, https://, file:// or /, ${scheme === undefined ? "is relative" : `begins with ${scheme}:`}`,
    );
  }
  if (!URL.canParse(value)) throw new FetchError("it is no valid URL");
  return { kind: "http", url: new URL(value) };
}

/** Where in the sandbox the file goes. Throws FetchError where neither the command nor the URI has a name for it. */
export function outputPath({ outputFile }: CommandUri, source: FetchSource): string {
  if (outputFile !== undefined) return outputFile;
  const path = source.kind === "file" ? source.path : source.url.pathname;
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (name === "" || name === "." || name === "..")
    throw new FetchError("its path must end with the name of a file, or output_file be set");
  if (Buffer.byteLength(name) > nameLengthMax) {
    throw new FetchError(`the name that its path ends with must have at most ${nameLengthMax} bytes; output_file can be shorter`);
  }
  return name;
}

/** The URI as it may be told to others: what stands before an "@" in its host is a password. */
export function withoutPassword(value: string): string {
  return value.replace(/^([A-Za-z][A-Za-z0-9+.-]*:\/\/)[^/?#]*@/, "$1***@");
}

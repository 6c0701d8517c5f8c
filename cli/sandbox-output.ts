/**
 * What a task writes to stdout or stderr, read from its agent as it grows. The agent copies a file that got too long away and begins it
 * anew, so that what was not read of it yet is in another file.
 */

import type { AgentOperatorClient, FilePart } from "../client/agent-operator-client.ts";
import { CallError } from "../client/call-error.ts";

export interface SandboxOutputOptions {
  readonly agent: Pick<AgentOperatorClient, "readFile">;
  /** Of the file, in the agent's paths. */
  readonly path: string;
  readonly write: (bytes: Uint8Array) => Promise<void>;
}

/** How much is looked at in one step on the way back to the beginning of the last lines. */
const stepBytes = 256 * 1024;

const newline = 10;

export class SandboxOutput {
  readonly #options: SandboxOutputOptions;
  #offset = 0;

  constructor(options: SandboxOutputOptions) {
    this.#options = options;
  }

  /** Leaves out what is before the last lines. False when there is no such file. */
  async skipToLast(lines: number): Promise<boolean> {
    const { agent, path } = this.#options;
    const first = await this.#read(path, 0, 0);
    if (first === undefined) return false;
    if (lines === 0) {
      this.#offset = first.sizeBytes;
      return true;
    }
    let end = first.sizeBytes;
    // The newline at the end ends the last line, and begins none.
    let missing = lines + 1;
    while (end > 0) {
      const start = Math.max(0, end - stepBytes);
      const { data } = await agent.readFile({ path, offset: start, length: end - start });
      const at = lineStart(data, missing, end === first.sizeBytes);
      if (at.kind === "found") {
        this.#offset = start + at.index;
        return true;
      }
      missing = at.missing;
      end = start;
    }
    return true;
  }

  /** Writes what came since the last time. False when there is no such file (yet). */
  async pull(): Promise<boolean> {
    const { path, write } = this.#options;
    for (;;) {
      const part = await this.#read(path, this.#offset);
      if (part === undefined) return false;
      if (part.sizeBytes < this.#offset) {
        const rest = await this.#read(`${path}.1`, this.#offset);
        if (rest !== undefined && rest.data.length > 0) await write(rest.data);
        // More than an answer holds is still to come from there.
        const isWhole = rest === undefined || rest.data.length === 0 || this.#offset + rest.data.length >= rest.sizeBytes;
        this.#offset = isWhole ? 0 : this.#offset + (rest?.data.length ?? 0);
        continue;
      }
      if (part.data.length === 0) return true;
      await write(part.data);
      this.#offset += part.data.length;
    }
  }

  async #read(path: string, offset: number, length?: number): Promise<FilePart | undefined> {
    try {
      return await this.#options.agent.readFile({ path, offset, ...(length === undefined ? {} : { length }) });
    } catch (error) {
      if (error instanceof CallError && error.code === "NOT_FOUND") return undefined;
      throw error;
    }
  }
}

type LineStart = { readonly kind: "found"; readonly index: number } | { readonly kind: "before"; readonly missing: number };

/** Where the last lines begin, if that is in these bytes; `missing` counts the newlines from the end, the last of the file included. */
function lineStart(bytes: Uint8Array, missing: number, isEnd: boolean): LineStart {
  let left = isEnd && bytes.at(-1) !== newline ? missing - 1 : missing;
  for (let index = bytes.length - 1; index >= 0; index--) {
    if (bytes[index] === newline && --left === 0) return { kind: "found", index: index + 1 };
  }
  return { kind: "before", missing: left };
}

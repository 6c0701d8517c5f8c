/** Reading what a task writes, against an agent whose files are strings. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { SandboxOutput } from "../../cli/sandbox-output.ts";
import { sandboxPath } from "../../cli/sandbox-path.ts";
import type { AgentOperatorClient, FilePart } from "../../client/agent-operator-client.ts";
import { CallError } from "../../client/call-error.ts";

/** As an agent answers it, `answerMax` bytes at a time. */
class FakeAgent implements Pick<AgentOperatorClient, "readFile"> {
  readonly files = new Map<string, string>();
  readonly #answerMax: number;

  constructor(answerMax = 1_000_000) {
    this.#answerMax = answerMax;
  }

  async readFile({ path, offset, length }: { path: string; offset: number; length?: number }): Promise<FilePart> {
    const text = this.files.get(path);
    if (text === undefined) throw new CallError({ call: "ReadFile", code: "NOT_FOUND", reason: path, refused: true });
    const bytes = Buffer.from(text);
    return { sizeBytes: bytes.length, data: bytes.subarray(offset, offset + Math.min(length ?? this.#answerMax, this.#answerMax)) };
  }
}

function outputOf(agent: FakeAgent): { readonly output: SandboxOutput; readonly written: () => string } {
  let text = "";
  const write = async (bytes: Uint8Array): Promise<void> => {
    text += Buffer.from(bytes).toString();
  };
  return { output: new SandboxOutput({ agent, path: "/stdout", write }), written: () => text };
}

describe("SandboxOutput", () => {
  it("hands on what came since the last time, in as many answers as it takes", async () => {
    const agent = new FakeAgent(3);
    const { output, written } = outputOf(agent);
    assert.equal(await output.pull(), false);
    agent.files.set("/stdout", "hello");
    assert.equal(await output.pull(), true);
    agent.files.set("/stdout", "hello world");
    await output.pull();
    await output.pull();
    assert.equal(written(), "hello world");
  });

  it("goes on in the file that was copied away, and then in the new one", async () => {
    const agent = new FakeAgent(2);
    const { output, written } = outputOf(agent);
    agent.files.set("/stdout", "0123");
    await output.pull();
    agent.files.set("/stdout.1", "0123456789");
    agent.files.set("/stdout", "ab");
    await output.pull();
    assert.equal(written(), "0123456789ab");
  });

  it("begins anew when the copy is gone, too", async () => {
    const agent = new FakeAgent();
    const { output, written } = outputOf(agent);
    agent.files.set("/stdout", "0123");
    await output.pull();
    agent.files.set("/stdout", "ab");
    await output.pull();
    assert.equal(written(), "0123ab");
  });

  it("shows the last lines only, whatever the lines are", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom("a", "\n"), { maxLength: 30 }), fc.nat({ max: 5 }), async (letters, lines) => {
        const text = letters.join("");
        const agent = new FakeAgent();
        const { output, written } = outputOf(agent);
        agent.files.set("/stdout", text);
        await output.skipToLast(lines);
        await output.pull();
        const all = text.split(/(?<=\n)/).filter((line) => line !== "");
        assert.equal(written(), lines === 0 ? "" : all.slice(-lines).join(""));
      }),
    );
  });
});

describe("sandboxPath()", () => {
  const owner = { frameworkId: "F", taskId: "T", executorId: undefined, containerId: undefined };
  it("is the last run where nobody says which", () => assert.equal(sandboxPath(owner), "/frameworks/F/executors/T/runs/latest"));
  it("is the run of the container, in that of the executor's", () => {
    const containerId = { value: "task", parent: { value: "executor" } };
    assert.equal(sandboxPath({ ...owner, executorId: "E", containerId }), "/frameworks/F/executors/E/runs/executor/containers/task");
  });
});

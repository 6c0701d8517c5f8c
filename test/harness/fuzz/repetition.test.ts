/** Which findings of the fuzzer count, told by clusters that find what they are told to. */

import assert from "node:assert/strict";
import type { FuzzCase } from "../../../harness/fuzz/fuzz-case.ts";
import type { FuzzFindingKind } from "../../../harness/fuzz/fuzz-cluster.ts";
import type { Rpc } from "../../../harness/fuzz/message-schema.ts";
import { comesBack } from "../../../harness/fuzz/repetition.ts";

function makeCase(method: string): FuzzCase {
  const rpc: Rpc = { service: "tepui.v1.Scheduler", method, path: `/tepui.v1.Scheduler/${method}`, kind: "unary", input: "", output: "" };
  return { rpc, node: "master", streamId: "current", messages: [] };
}

const [first, second, last] = [makeCase("First"), makeCase("Second"), makeCase("Last")];

/** Sends the last case alone, then all, to clusters that find this, one list each; answers whether it came back, and how many booted. */
async function repeated(kind: FuzzFindingKind, ...found: readonly Readonly<Record<string, FuzzFindingKind>>[]) {
  let bootCount = 0;
  const boot = async () => {
    const findings = found[bootCount++] ?? {};
    return {
      attempt: async ({ rpc }: FuzzCase) => {
        const seen = findings[rpc.method];
        return seen === undefined ? undefined : { kind: seen, problem: seen, messages: [] };
      },
    };
  };
  return { isBack: await comesBack(kind, [[last], [first, second, last]], boot), bootCount };
}

describe("comesBack", () => {
  it("believes an effect that the case alone has again, on one fresh cluster", async () => {
    assert.deepEqual(await repeated("effect", { Last: "effect" }), { isBack: true, bootCount: 1 });
  });

  it("believes an effect that needs the cases before it, on another fresh cluster", async () => {
    assert.deepEqual(await repeated("effect", {}, { Last: "effect" }), { isBack: true, bootCount: 2 });
  });

  it("does not believe one that never comes again", async () => {
    assert.deepEqual(await repeated("effect", {}, {}), { isBack: false, bootCount: 2 });
  });

  it("does not take an effect at another case for the same", async () => {
    assert.deepEqual(await repeated("effect", {}, { First: "effect", Last: "effect" }), { isBack: false, bootCount: 2 });
  });

  it("does not take a hang for an effect", async () => {
    assert.deepEqual(await repeated("effect", { Last: "hang" }, { Last: "hang" }), { isBack: false, bootCount: 2 });
  });

  it("believes a bystander that suffers again, at whichever case", async () => {
    assert.deepEqual(await repeated("bystander", {}, { Second: "bystander" }), { isBack: true, bootCount: 2 });
  });

  it("believes a node that ends on the way", async () => {
    assert.deepEqual(await repeated("effect", {}, { First: "crash" }), { isBack: true, bootCount: 2 });
  });
});

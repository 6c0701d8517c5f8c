import assert from "node:assert/strict";
import { describe, it } from "mocha";

import { type CpuProfile, workShares } from "../../bench/profile-shares.ts";

describe("workShares()", () => {
  const frame = (functionName: string, url = "") => ({ callFrame: { functionName, url } });
  const nodes: CpuProfile["nodes"] = [
    { id: 1, ...frame("(root)"), children: [2, 4, 8, 9, 10, 11] },
    { id: 2, ...frame("receive", "file:///t/runtime/grpc/calls-stream.ts"), children: [3] },
    { id: 3, ...frame("decodeSchedulerCall", "file:///t/server/wire/decode.ts"), children: [12] },
    { id: 4, ...frame("takeTurn", "file:///t/runtime/driver.ts"), children: [5, 6] },
    { id: 5, ...frame("step", "file:///t/server/core/master.ts"), children: [13] },
    { id: 6, ...frame("encodeMessage", "file:///t/common/encode-message.ts") },
    { id: 8, ...frame("(garbage collector)") },
    { id: 9, ...frame("(idle)") },
    { id: 10, ...frame("writev", "") },
    { id: 11, ...frame("compile", "node:internal/modules/esm/loader"), children: [14] },
    { id: 12, ...frame("string", "file:///t/node_modules/@bufbuild/protobuf/wire.js") },
    { id: 13, ...frame("addResources", "file:///t/common/resources.ts") },
    { id: 14, ...frame("", "file:///t/server/core/limits.ts") },
  ];

  it("counts what is called for the first caller that says what it is for", () => {
    const shares = workShares({ nodes, samples: [12, 3, 13, 5, 6, 2, 10], timeDeltas: [10, 10, 20, 20, 20, 10, 10] });
    assert.deepEqual(Object.fromEntries(shares), {
      decode: 0.2,
      step: 0.4,
      encode: 0.2,
      shell: 0.1,
      "grpc-js": 0,
      "HTTP/2 and kernel": 0.1,
      garbage: 0,
    });
  });

  it("leaves out waiting and the loading of modules", () => {
    const shares = workShares({ nodes, samples: [9, 11, 14, 8, 4], timeDeltas: [1_000, 50, 50, 30, 10] });
    assert.equal(shares.get("garbage"), 0.75);
    assert.equal(shares.get("shell"), 0.25);
    assert.equal(shares.get("step"), 0);
  });
});

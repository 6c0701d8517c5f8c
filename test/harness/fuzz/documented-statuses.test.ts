/** The table of statuses in the code is the table in docs/protocol.md, and covers every RPC that there is. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { documentedStatuses, isDocumentedStatus } from "../../../harness/fuzz/documented-statuses.ts";
import { readFuzzSchema } from "../../../harness/fuzz/fuzz-cluster.ts";

describe("documentedStatuses", () => {
  it("is the table in docs/protocol.md", () => {
    const text = readFileSync("docs/protocol.md", "utf8");
    const start = text.indexOf("### Statuses of each RPC");
    const section = text.slice(start, text.indexOf("\n## ", start));
    const rows = [...section.matchAll(/^\| `([\w./]+)` \| (.*) \|$/gm)];
    const table = Object.fromEntries(rows.map(([, rpc = "", statuses = ""]) => [rpc, statuses.replaceAll("`", "").split(" ")]));
    assert.deepEqual(table, documentedStatuses);
  });

  it("covers every RPC of the descriptors with what it answers if all is well, and nothing that is the server's fault", () => {
    const names = readFuzzSchema().rpcs.map(({ service, method }) => `${service}/${method}`);
    assert.ok(names.length > 80, `only ${names.length} RPCs`);
    for (const name of names) {
      assert.ok(isDocumentedStatus(name, 0), `${name} may not answer OK`);
      for (const code of [2, 13, 15]) assert.ok(!isDocumentedStatus(name, code), `${name} may answer ${code}`);
    }
  });
});

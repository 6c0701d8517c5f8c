/** Region and zone, as operators write them. */

import assert from "node:assert/strict";
import { parseFaultDomain, readFaultDomain, writeFaultDomain } from "../../common/fault-domain.ts";

describe("parseFaultDomain()", () => {
  it("reads the JSON of DomainInfo", () => {
    const domain = { region: "north", zone: "a" };
    assert.deepEqual(parseFaultDomain('{"fault_domain":{"region":{"name":"north"},"zone":{"name":"a"}}}'), { ok: true, value: domain });
    assert.deepEqual(readFaultDomain(writeFaultDomain(domain)), domain);
  });

  it("refuses everything else", () => {
    for (const text of ["", "north", "{}", "[]", "null", '{"fault_domain":{"region":{"name":"north"}}}', '{"fault_domain":7}']) {
      assert.equal(parseFaultDomain(text).ok, false, text);
    }
  });
});

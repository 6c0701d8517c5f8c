/** There is one version, in two places. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "mocha";

import { version } from "../../common/version.ts";

describe("version", () => {
  it("is the one of package.json", () => {
    const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string };
    assert.equal(version, manifest.version);
  });
});

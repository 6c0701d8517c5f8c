/** Every checker of the catalog has a file of cases of its own, with at least one good and one bad history. */

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { checkers } from "../../../harness/checkers/catalog.ts";
import { casesOf } from "./checker-cases.ts";

// Loads the other files when this one runs alone; within a whole run they are loaded once only.
for (const file of readdirSync(import.meta.dirname)) {
  if (/^[sl]\d\d-.*\.test\.ts$/.test(file)) await import(`./${file}`);
}

describe("the catalog of checkers", () => {
  it("names each guarantee once", () => {
    const ids = checkers.map((checker) => checker.id);
    assert.deepEqual([...new Set(ids)], ids);
  });

  it("holds every guarantee of schedulers and agents", () => {
    const ids = new Set(checkers.map((checker) => checker.id));
    const safety = "S01 S02 S03 S04 S05 S06 S07 S08 S09 S10 S11 S12 S13 S14 S15 S16 S17 S18 S19 S20 S21 S22 S23 S24 S25 S26 S27";
    const streams = "S28 S29 S30 S31 S32 S33 S34 S43 S45 S46 S47 S48 S49 S50";
    const maintenance = "S35 S36 S37 S38 S39 S40 S41 S42 S56 L11";
    const liveness = "L01 L02 L03 L04 L05 L06 L09 L10 L12 L13 L14";
    assert.deepEqual(
      `${safety} ${streams} ${maintenance} ${liveness}`.split(" ").filter((id) => !ids.has(id)),
      [],
    );
  });

  for (const { id, title } of checkers) {
    it(`has a good and a bad history for ${id} ${title}`, () => {
      const cases = casesOf.get(id);
      assert.ok(cases !== undefined && cases.good > 0 && cases.bad > 0, JSON.stringify(cases));
    });
  }
});

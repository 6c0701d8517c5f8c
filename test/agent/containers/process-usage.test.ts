/** What /proc says of a process. */

import assert from "node:assert/strict";

import { parseProcessUsage, readMachineUnits, readProcessUsage } from "../../../agent/containers/process-usage.ts";

const machine = { ticksPerSec: 100, pageBytes: 4_096 };

/** The fields of proc(5) by number, from 3 on. */
function line(name: string, fields: Readonly<Record<number, number>>): string {
  const numbers = Array.from({ length: 50 }, (_, index) => fields[index + 3] ?? 0);
  return `4711 (${name}) S ${numbers.slice(1).join(" ")}\n`;
}

describe("parseProcessUsage()", () => {
  it("counts a process and the children that it waited for, whatever its name", () => {
    const fields = { 14: 150, 15: 50, 16: 100, 17: 25, 20: 7, 24: 3 };
    for (const name of ["sh", "a b", "a) R 1 (b", ")"]) {
      assert.deepEqual(parseProcessUsage(line(name, fields), machine), {
        threads: 7,
        userSecs: 2.5,
        systemSecs: 0.75,
        rssBytes: 12_288,
      });
    }
  });

  it("answers nothing for what is no such line", () => {
    for (const text of ["", "4711 (sh) S 1 2", "nonsense"]) assert.equal(parseProcessUsage(text, machine), undefined);
  });
});

describe("readProcessUsage()", () => {
  it("sees this very process, in seconds and bytes", () => {
    const usage = readProcessUsage(process.pid);
    const { rss } = process.memoryUsage();
    const { user } = process.cpuUsage();
    assert.ok(usage !== undefined);
    assert.ok(usage.rssBytes > rss / 2 && usage.rssBytes < rss * 2, `${usage.rssBytes} of ${rss} bytes`);
    assert.ok(Math.abs(usage.userSecs - user / 1e6) < 1 + user / 1e6, `${usage.userSecs} of ${user / 1e6} s`);
    assert.ok(usage.threads > 1);
  });

  it("answers nothing for a process that is not there", () => assert.equal(readProcessUsage(2 ** 30), undefined));

  it("knows the units of this machine", () => {
    const { ticksPerSec, pageBytes } = readMachineUnits();
    assert.ok(ticksPerSec >= 100 && pageBytes >= 4_096 && Number.isInteger(Math.log2(pageBytes)), `${ticksPerSec}, ${pageBytes}`);
  });
});

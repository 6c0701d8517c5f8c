/** One spelling for each address. */

import assert from "node:assert/strict";
import { isIP, SocketAddress } from "node:net";
import fc from "fast-check";
import { canonicalIp, ipOfPeer } from "../../common/ip-address.ts";

describe("canonicalIp()", () => {
  const spellings: readonly [text: string, canonical: string][] = [
    ["10.0.0.1", "10.0.0.1"],
    ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
    ["2001:db8::0001", "2001:db8::1"],
    ["::", "::"],
    ["::1", "::1"],
    ["fe80::", "fe80::"],
    ["1:0:0:2:0:0:0:3", "1:0:0:2::3"],
    ["1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"],
    ["::ffff:10.0.0.1", "10.0.0.1"],
    ["::ffff:a00:1", "10.0.0.1"],
    ["64:ff9b::10.0.0.1", "64:ff9b::a00:1"],
  ];
  for (const [text, canonical] of spellings) it(`spells ${text} as ${canonical}`, () => assert.equal(canonicalIp(text), canonical));

  const others = [
    "",
    "host",
    "10.0.0",
    "10.0.0.256",
    "10.0.0.1.2",
    "1:2:3",
    ":1",
    "1:",
    ":::",
    "1::2::3",
    "12345::",
    "g::",
    "1:2:3:4:5:6:7:8:9",
  ];
  for (const text of [...others, "1:2:3:4:5:6:7::8", "10.0.0.1::", "::10.0.0", " ::1"]) {
    it(`takes "${text}" for no address`, () => assert.equal(canonicalIp(text), undefined));
  }

  it("names the same address as before, and is its own spelling", () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        const canonical = canonicalIp(text);
        assert.ok(canonical !== undefined && isIP(canonical) !== 0, text);
        assert.equal(canonicalIp(canonical), canonical);
        if (isIP(text) === 6 && isIP(canonical) === 6) {
          const [before, after] = [text, canonical].map((address) => new SocketAddress({ address, family: "ipv6" }).address);
          assert.equal(after, before);
        }
      }),
    );
  });

  it("agrees with Node about what an address is", () => {
    const almost = fc
      .oneof(fc.ipV6(), fc.ipV4())
      .chain((text) =>
        fc
          .tuple(fc.nat(text.length), fc.constantFrom("", ":", "::", "0", "f", ".", "x"))
          .map(([at, more]) => text.slice(0, at) + more + text.slice(at + 1)),
      );
    fc.assert(
      fc.property(almost, (text) => assert.equal(canonicalIp(text) !== undefined, isIP(text) !== 0, text)),
      // A leading zero was taken for nothing in an address by itself, and by Node for no address in one of version 6.
      { numRuns: 2_000, examples: [["::08.0.223.248"], ["08.0.223.248"]] },
    );
  });
});

describe("ipOfPeer()", () => {
  for (const [peer, ip] of [
    ["10.0.0.1:4711", "10.0.0.1"],
    ["[::1]:4711", "::1"],
    ["::1:4711", "::1"],
    ["fe80::1%eth0:4711", "fe80::1"],
    ["::ffff:127.0.0.1:4711", "127.0.0.1"],
    ["unknown", undefined],
  ] as const) {
    it(`finds ${ip ?? "nothing"} in ${peer}`, () => assert.equal(ipOfPeer(peer), ip));
  }
});

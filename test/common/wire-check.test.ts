/** The wire check accepts what our encoders write, names what is wrong with anything else, and takes every sequence of bytes. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { findUtf8Problem } from "../../common/utf8.ts";
import { checkMessage } from "../../common/wire-check.ts";
import { createWireSchema } from "../../common/wire-schema.ts";
import { Call, Call_Type } from "../../protos/gen/mesos/v1/scheduler/scheduler.ts";
import { enumRows, messageRows } from "../../protos/gen/schema.ts";

const schema = createWireSchema({ messageRows, enumRows });
const limits = { maxBytes: 10_000, maxDepth: 8 };
const check = (bytes: Uint8Array): string | undefined => checkMessage(schema, "mesos.v1.scheduler.Call", bytes, limits);
const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(" ", ""), "hex"));

const launch = Call.encode(
  Call.fromPartial({
    type: Call_Type.ACCEPT,
    frameworkId: { value: "framework" },
    accept: {
      offerIds: [{ value: "O1" }, { value: "O2" }],
      operations: [
        {
          type: 1,
          launch: {
            taskInfos: [
              { name: "", taskId: { value: "t" }, agentId: { value: "S1" }, resources: [{ name: "cpus", type: 0, scalar: { value: 0 } }] },
            ],
          },
        },
      ],
      filters: { refuseSeconds: 5 },
    },
  }),
).finish();

describe("wire check", () => {
  it("accepts a call whose required fields hold defaults", () => {
    assert.equal(check(launch), undefined);
  });

  // Field numbers of Call: framework_id 1, type 2, subscribe 3, accept 4, decline 5, revive 15. Of Accept: offer_ids 1, filters 3.
  const bad: readonly [name: string, hex: string, problem: string][] = [
    ["bytes that end within a field", "0a 05 0a", "framework_id must not be cut short: needs 5 more bytes, has 1"],
    ["bytes that end within a tag", "80", "message must not be cut short: needs 1 more bytes, has 0"],
    ["a length beyond the enclosing message", "22 04 0a 09 0a 00", "accept.offer_ids[0] must not be cut short: needs 9 more bytes, has 2"],
    ["a number of eleven bytes", "10 ff ff ff ff ff ff ff ff ff ff 01", "type must not have a number of more than 10 bytes"],
    ["field number 0", "00 00", "message must not have a field number 0"],
    ["a wrong wire type", "12 00", "type must be encoded with wire type 0, has 2"],
    ["an unknown value of an enum", "10 4d", "type must be a known value of mesos.v1.scheduler.Call.Type, is 77"],
    [
      "a negative value of an enum",
      "10 ff ff ff ff ff ff ff ff ff 01",
      "type must be a known value of mesos.v1.scheduler.Call.Type, is -1",
    ],
    ["a missing required field", "0a 00", "framework_id.value must be set"],
    ["a missing required field in the third item", "22 0b 0a 03 0a 01 41 0a 02 0a 00 0a 00", "accept.offer_ids[2].value must be set"],
    ["text that is not UTF-8", "0a 04 0a 02 41 ff", "framework_id.value must be UTF-8, has byte 0xff at 1"],
    ["an end of a group that did not begin", "fc 0f", "message must not have wire type 4 in field 255"],
    ["a group that does not end", "fb 0f", "message must end its group 255"],
    ["a group that ends as another one", "fb 0f f4 0f", "message must not end group 254 within group 255"],
    ["groups nested too deep", "fb 0f".repeat(9), "message must not be nested deeper than 8 messages"],
  ];
  for (const [name, hex, problem] of bad) it(`names ${name}`, () => assert.equal(check(bytesOf(hex)), problem));

  it("names the limit and the size of a message that is too big", () => {
    assert.equal(check(new Uint8Array(10_001)), "message must have at most 10000 bytes, has 10001");
  });
  it("names the depth of messages that nest too deep", () => {
    let nested = bytesOf("0a 01 41");
    for (let level = 0; level < 3; level++) nested = Uint8Array.from([...nested, 0x12, nested.length, ...nested]);
    const found = checkMessage(schema, "mesos.v1.ContainerID", nested, { maxBytes: 1_000, maxDepth: 2 });
    assert.equal(found, "parent.parent must not be nested deeper than 2 messages");
  });
  it("skips fields that it does not know, groups included", () => {
    assert.equal(check(bytesOf("f8 0f 01  fa 0f 02 41 42  f9 0f 0000000000000000  fd 0f 00000000  fb 0f f8 0f 01 fc 0f")), undefined);
  });

  it("finds every cut of a valid call or reads it as a shorter valid one, and never throws", () => {
    for (let length = 0; length < launch.length; length++) {
      const cut = launch.slice(0, length);
      if (check(cut) === undefined) assert.doesNotThrow(() => Call.decode(cut), `cut at ${length}`);
    }
  });
  it("lets no bytes through on which the decoder throws", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        if (check(bytes) === undefined) Call.decode(bytes);
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(launch.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }), (changes) => {
        const mutated = launch.slice();
        for (const [at, byte] of changes) mutated[at] = byte;
        if (check(mutated) === undefined) Call.decode(mutated);
      }),
      { numRuns: 500 },
    );
  });
});

describe("UTF-8", () => {
  it("is what TextDecoder takes", () => {
    const decoder = new TextDecoder("utf-8", { fatal: true });
    const isText = (bytes: Uint8Array): boolean => {
      try {
        decoder.decode(bytes);
        return true;
      } catch {
        return false;
      }
    };
    const lead = fc.constantFrom(0x41, 0xc0, 0xc2, 0xdf, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0xff);
    const next = fc.constantFrom(0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0);
    fc.assert(
      fc.property(lead, fc.array(next, { maxLength: 4 }), (first, rest) => {
        const bytes = Uint8Array.from([first, ...rest]);
        assert.equal(findUtf8Problem(bytes, 0, bytes.length) === undefined, isText(bytes), Buffer.from(bytes).toString("hex"));
      }),
      { numRuns: 1_000 },
    );
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const bytes = new TextEncoder().encode(text);
        assert.equal(findUtf8Problem(bytes, 0, bytes.length), undefined);
      }),
    );
  });
});

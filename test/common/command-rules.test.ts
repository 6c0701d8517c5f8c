/** What a CommandInfo must keep, one rule at a time. */

import assert from "node:assert/strict";

import { findCommandProblem, findUserNameProblem, urisMax } from "../../common/command-rules.ts";
import { CommandInfo } from "../../protos/gen/mesos/v1/mesos.ts";

type Fields = Parameters<typeof CommandInfo.fromPartial>[0];

function problemOf(fields: Fields): string | undefined {
  return findCommandProblem(CommandInfo.fromPartial({ value: "true", ...fields }));
}

const uri = (outputFile: string): Fields => ({ uris: [{ value: "http://a/b" }, { value: "http://a/b", outputFile }] });

describe("findCommandProblem()", () => {
  it("takes both forms of a command, with files, a user and an environment", () => {
    const uris = [{ value: "hdfs://any/scheme" }, { value: "/a", outputFile: "./b/c..d/.e" }];
    assert.equal(problemOf({ shell: true, uris, user: "alice", environment: { variables: [{ name: "A", value: "" }] } }), undefined);
    assert.equal(problemOf({ shell: false, value: "/bin/ls", arguments: ["ls", ""] }), undefined);
  });

  const bad: readonly (readonly [string, Fields, string])[] = [
    ["no value", { value: "" }, "command.value must not be empty"],
    ["an empty user", { user: "" }, "command.user must not be empty"],
    ["an address without text", { uris: [{ value: "" }] }, "command.uris[0].value must not be empty"],
    ["a line break in an address", { uris: [{ value: "a\n" }] }, 'command.uris[0].value must not contain control characters, is "a\\n"'],
    ["a very long address", { uris: [{ value: "a".repeat(8_193) }] }, "command.uris[0].value must have at most 8192 characters, has 8193"],
    ["an empty path", uri(""), "command.uris[1].output_file must not be empty"],
    ["an absolute path", uri("/a"), 'command.uris[1].output_file must be relative to the sandbox, is "/a"'],
    ["a path upwards", uri("a/../../b"), 'command.uris[1].output_file must not contain "..", is "a/../../b"'],
    ["a folder", uri("a/"), 'command.uris[1].output_file must name a file, is "a/"'],
    ["the sandbox itself", uri("."), 'command.uris[1].output_file must name a file, is "."'],
    ["a zero byte in a path", uri("a\0"), 'command.uris[1].output_file must not contain control characters, is "a\\u0000"'],
  ];
  for (const [name, fields, problem] of bad) it(`names ${name}`, () => assert.equal(problemOf(fields), problem));

  it("takes as many files as it says, and no more", () => {
    const uris = Array.from({ length: urisMax }, () => ({ value: "/a" }));
    assert.equal(problemOf({ uris }), undefined);
    assert.equal(problemOf({ uris: [...uris, { value: "/a" }] }), `command.uris must have at most ${urisMax} entries, has ${urisMax + 1}`);
  });
});

describe("findUserNameProblem()", () => {
  it("refuses what is no name, or would be an option or a second field", () => {
    for (const name of ["", "-x", "a b", "a:b", "a/b", "a\n", "a\0"]) assert.notEqual(findUserNameProblem(name), undefined, name);
    for (const name of ["a", "_apt", "www-data", "alice@example", "DOMAIN\\\\bob"])
      assert.equal(findUserNameProblem(name), undefined, name);
  });
});

/** Archives that want out of the sandbox, or to fill the disk. Nothing but the sandbox may ever change. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";

import { type TarMember, tarOf, type ZipMember, zipOf } from "./archives.ts";
import { FetcherBench } from "./fetcher-bench.ts";

describe("an archive that is hostile", () => {
  let bench: FetcherBench;

  beforeEach(() => {
    bench = new FetcherBench();
    writeFileSync(join(bench.folder, "outside"), "untouched");
  });
  afterEach(() => bench.close());

  /** Fetches the archive from a file beside the sandbox; what is outside must be as it was. */
  async function unpack(name: string, bytes: Buffer): Promise<string> {
    const archive = join(bench.folder, name);
    writeFileSync(archive, bytes);
    const folder = bench.sandbox();
    const before = readdirSync(bench.folder);
    let message = "";
    await bench.fetch([{ value: archive }], { folder }).catch((error: Error) => {
      message = error.message;
    });
    assert.deepEqual(readdirSync(bench.folder), before);
    assert.equal(readFileSync(join(bench.folder, "outside"), "utf8"), "untouched");
    return message;
  }

  const inside: readonly TarMember[] = [{ path: "dir/", type: "Directory" }];
  const tars: readonly (readonly [name: string, members: readonly TarMember[], reason: RegExp])[] = [
    ["a path upwards", [{ path: "../outside", content: "x" }], /must stay in the sandbox, has a member "\.\.\/outside"/],
    ["a path upwards further in", [{ path: "dir/../../outside", content: "x" }], /must stay in the sandbox/],
    ["an absolute path", [{ path: "/tmp/tepui-hostile", content: "x" }], /must stay in the sandbox/],
    ["a link upwards", [{ path: "up", type: "SymbolicLink", linkpath: ".." }], /must link to a relative path inside/],
    ["a link further up than it is deep", [{ path: "dir/up", type: "SymbolicLink", linkpath: "../../outside" }], /inside/],
    ["an absolute link", [{ path: "etc", type: "SymbolicLink", linkpath: "/etc" }], /inside/],
    [
      "a link through a link to the sandbox itself",
      [
        { path: "here", type: "SymbolicLink", linkpath: "." },
        { path: "up", type: "SymbolicLink", linkpath: "here/.." },
      ],
      /"\.\." at its beginning only, links to "here\/\.\."/,
    ],
    [
      "a file through a link",
      [...inside, { path: "link", type: "SymbolicLink", linkpath: "dir" }, { path: "link/file", content: "x" }],
      /the way to "link" must be folders, has "link"/,
    ],
    [
      "a folder in place of a link",
      [...inside, { path: "link", type: "SymbolicLink", linkpath: "dir" }, { path: "link/", type: "Directory" }],
      /must be folders/,
    ],
    [
      "a link in place of a folder",
      [...inside, { path: "dir", type: "SymbolicLink", linkpath: "." }],
      /"dir" must not take the place of a folder/,
    ],
    ["a hard link upwards", [{ path: "hard", type: "Link", linkpath: "../outside" }], /must stay in the sandbox/],
    ["a hard link to an absolute path", [{ path: "hard", type: "Link", linkpath: "/etc/passwd" }], /must stay in the sandbox/],
    [
      "a hard link through a link",
      [
        ...inside,
        { path: "dir/file" },
        { path: "l", type: "SymbolicLink", linkpath: "dir" },
        { path: "h", type: "Link", linkpath: "l/file" },
      ],
      /hard link to a file that came before it, links to "l\/file"/,
    ],
    [
      "a hard link to a link",
      [
        { path: "l", type: "SymbolicLink", linkpath: "x" },
        { path: "h", type: "Link", linkpath: "l" },
      ],
      /hard link to a file that came before it/,
    ],
    ["a hard link to nothing", [{ path: "hard", type: "Link", linkpath: "later" }], /hard link to a file that came before it/],
    ["a device", [{ path: "null", type: "CharacterDevice" }], /must be files, folders and links, has "null" of type CharacterDevice/],
    ["a pipe", [{ path: "pipe", type: "FIFO" }], /of type FIFO/],
    ["the task's output", [{ path: "./stdout", content: "x" }], /"stdout" in the sandbox is the agent's own/],
  ];
  for (const [name, members, reason] of tars) {
    it(`has ${name} in a tar`, async () => {
      assert.match(await unpack("a.tar", tarOf(members)), new RegExp(`cannot be unpacked: .*${reason.source}`));
    });
  }

  const zips: readonly (readonly [name: string, members: readonly ZipMember[], reason: RegExp])[] = [
    ["a path upwards", [{ path: "../outside", content: "x" }], /invalid relative path: \.\.\/outside/],
    ["an absolute path", [{ path: "/outside", content: "x" }], /absolute path: \/outside/],
    ["a backslash", [{ path: "..\\outside", content: "x" }], /invalid characters in fileName/],
    ["a link upwards", [{ path: "up", content: "../..", mode: 0o120777 }], /must link to a relative path inside/],
    [
      "a file through a link",
      [{ path: "d/" }, { path: "l", content: "d", mode: 0o120777 }, { path: "l/x", content: "x" }],
      /the way to "l" must be folders/,
    ],
    ["a device", [{ path: "null", mode: 0o020666 }], /must be files, folders and links, has "null" of type 020000/],
    ["a link without an end", [{ path: "l", content: "x".repeat(5_000), mode: 0o120777 }], /its links must have at most 4096 bytes/],
  ];
  for (const [name, members, reason] of zips) {
    it(`has ${name} in a zip`, async () => assert.match(await unpack("a.zip", zipOf(members)), reason));
  }

  it("puts a file in place of a link, not where the link leads", async () => {
    const members: TarMember[] = [
      { path: "kept", content: "kept" },
      { path: "l", type: "SymbolicLink", linkpath: "kept" },
      { path: "l", content: "new" },
    ];
    writeFileSync(join(bench.folder, "a.tar"), tarOf(members));
    const folder = await bench.fetch([join(bench.folder, "a.tar")]);
    assert.deepEqual([readFileSync(join(folder, "kept"), "utf8"), readFileSync(join(folder, "l"), "utf8")], ["kept", "new"]);
  });

  it("does not lead a later file through its links", async () => {
    writeFileSync(join(bench.folder, "a.tar"), tarOf([...inside, { path: "l", type: "SymbolicLink", linkpath: "dir" }]));
    const uris = [join(bench.folder, "a.tar"), { value: join(bench.folder, "outside"), outputFile: "l/x" }];
    await assert.rejects(bench.fetch(uris), /uris\[1\].*the way to "l" must be folders/);
  });

  it("unpacks to more bytes or more members than there may be, all archives of a command together", async () => {
    const limits = { fileMaxBytes: 1_000_000, unpackedMaxBytes: 10_000, membersMax: 5, totalTimeoutMs: 10_000 };
    bench.open({ limits });
    const zeros = gzipSync(tarOf([{ path: "zeros", content: "\0".repeat(10_001) }]));
    assert.match(await unpack("bomb.tgz", zeros), /must unpack to at most 10000 bytes, has more/);
    assert.match(await unpack("bomb.gz", gzipSync("\0".repeat(10_001))), /must unpack to at most 10000 bytes, has more/);
    const many = Array.from({ length: 6 }, (_, index) => ({ path: `${index}` }));
    assert.match(await unpack("many.tar", tarOf(many)), /must unpack to at most 5 files and folders, has more/);
    const half = join(bench.folder, "half.tar");
    writeFileSync(half, tarOf([{ path: "x", content: "x".repeat(6_000) }]));
    await assert.rejects(bench.fetch([half, { value: half, outputFile: "again.tar" }]), /uris\[1\].*at most 10000 bytes/);
  });

  it("is damaged: cut short, not what its name says, wrong sums", async () => {
    const good = tarOf([{ path: "file", content: "x".repeat(2_000) }]);
    assert.notEqual(await unpack("cut.tar", good.subarray(0, 1_500)), "");
    assert.notEqual(await unpack("cut.tgz", gzipSync(good).subarray(0, 40)), "");
    for (const name of ["a.tar", "a.tgz", "a.tbz2", "a.txz", "a.zip", "a.gz"]) {
      assert.match(await unpack(name, Buffer.from("this is no archive, whatever its name says")), /cannot be unpacked/, name);
    }
    const zip = zipOf([{ path: "file", content: "content" }]);
    zip[31 + 4] = 0;
    assert.notEqual(await unpack("sum.zip", zip), "");
  });

  it("stays inside whatever its members are called and wherever they link", async () => {
    const name = fc.array(fc.constantFrom("a", "b", "c", "..", ".", ""), { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
    const member = fc.record({ path: name, linkpath: name, type: fc.constantFrom("File", "Directory", "SymbolicLink", "Link") });
    await fc.assert(
      fc.asyncProperty(fc.array(member, { maxLength: 8 }), async (members) => {
        await unpack("any.tar", tarOf(members.map((one) => ({ ...one, content: "", type: one.type as "File" }))));
      }),
      { numRuns: 150 },
    );
  });
});

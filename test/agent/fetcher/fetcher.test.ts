/** Files from a real server and from this machine, as they end up in a sandbox; and what is said of those that do not. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

import { tarOf, zipOf } from "./archives.ts";
import { FetcherBench } from "./fetcher-bench.ts";
import { FileServer } from "./file-server.ts";

describe("Fetcher", () => {
  let bench: FetcherBench;

  beforeEach(async () => {
    bench = new FetcherBench();
    await bench.server.listen();
  });
  afterEach(() => bench.close());

  function text(...path: string[]): string {
    return readFileSync(join(...path), "utf8");
  }

  async function refused(uris: Parameters<FetcherBench["fetch"]>[0], reason: RegExp): Promise<void> {
    const folder = bench.sandbox();
    await assert.rejects(bench.fetch(uris, { folder }), (error: Error) => {
      assert.match(error.message, reason);
      return true;
    });
    assert.deepEqual(readdirSync(folder), [], "nothing of it stays");
  }

  it("brings files over HTTP, one after the other, named after their paths or as they are told", async () => {
    const first = bench.server.serve("/a/one.txt?x=1/2", "one");
    const second = bench.server.serve("/two", "two");
    const folder = await bench.fetch([first, { value: second, outputFile: "deep/er/2" }, { value: second, outputFile: "./one.txt" }]);
    assert.equal(text(folder, "deep/er/2"), "two");
    assert.equal(text(folder, "one.txt"), "two", "a later file takes the place of an earlier one");
    assert.deepEqual(bench.server.asked, ["/a/one.txt?x=1/2", "/two", "/two"]);
  });

  it("brings files of this machine, by path and by file URI", async () => {
    const path = join(bench.folder, "a b%20c");
    writeFileSync(path, "here");
    for (const value of [path, `file://${path}`, `file://localhost${path}`]) {
      assert.equal(text(await bench.fetch([value]), "a b%20c"), "here");
    }
  });

  it("makes a file executable when it is asked to, and then does not unpack it", async () => {
    const value = bench.server.serve("/tool.tar", tarOf([{ path: "x" }]));
    const folder = await bench.fetch([
      { value, executable: true },
      { value, outputFile: "plain", extract: false },
    ]);
    assert.deepEqual(readdirSync(folder), ["plain", "tool.tar"]);
    assert.equal(statSync(join(folder, "tool.tar")).mode & 0o777, 0o755);
    assert.equal(statSync(join(folder, "plain")).mode & 0o777, 0o644);
  });

  const members = [
    { path: "bin/", type: "Directory", mode: 0o700 },
    { path: "bin/run", content: "#!/bin/sh", mode: 0o4755 },
    { path: "bin/also", type: "Link", linkpath: "bin/run" },
    { path: "lib/deep/v1", content: "v1" },
    { path: "lib/current", type: "SymbolicLink", linkpath: "deep/v1" },
  ] as const;
  const tar = tarOf(members);
  const compressed: readonly (readonly [suffix: string, bytes: () => Buffer])[] = [
    [".tar", () => tar],
    [".tgz", () => gzipSync(tar)],
    [".tar.gz", () => gzipSync(tar)],
    [".tbz2", () => execFileSync("bzip2", ["-c"], { input: tar })],
    [".tar.bz2", () => execFileSync("bzip2", ["-c"], { input: tar })],
    [".txz", () => execFileSync("xz", ["-c"], { input: tar })],
    [".tar.xz", () => execFileSync("xz", ["-c"], { input: tar })],
  ];
  for (const [suffix, bytes] of compressed) {
    for (const cache of [false, true]) {
      it(`unpacks ${suffix}${cache ? " out of the cache" : ""}`, async () => {
        const folder = await bench.fetch([{ value: bench.server.serve(`/a${suffix}`, bytes()), cache }]);
        assert.deepEqual(readdirSync(folder), [...(cache ? [] : [`a${suffix}`]), "bin", "lib"]);
        assert.equal(text(folder, "bin/also"), "#!/bin/sh");
        assert.equal(text(folder, "lib/current"), "v1");
        const { mode, mtimeMs } = statSync(join(folder, "bin/run"));
        assert.equal(mode & 0o7777, 0o755, "without set-user-id");
        assert.equal(mtimeMs, 1_000_000_000_000);
      });
    }
  }

  it("unpacks files that are larger than any buffer, one after the other", async () => {
    const many = Array.from({ length: 20 }, (_, index) => ({
      path: `${index}`,
      content: String.fromCharCode(97 + index).repeat(300_000 + index),
    }));
    const folder = await bench.fetch([bench.server.serve("/many.tgz", gzipSync(tarOf(many)))]);
    for (const { path, content } of many) assert.ok(text(folder, path) === content, path);
  });

  it("unpacks .zip with its modes and links, and .gz to one file", async () => {
    const zip = zipOf([
      { path: "d/", mode: 0o040755 },
      { path: "d/run", content: "#!/bin/sh", mode: 0o100755 },
      { path: "link", content: "d/run", mode: 0o120777 },
      { path: "plain", content: "from a system without modes", mode: 0 },
    ]);
    const folder = await bench.fetch([bench.server.serve("/a.zip", zip), bench.server.serve("/notes.txt.gz", gzipSync("notes"))]);
    assert.deepEqual(readdirSync(folder), ["a.zip", "d", "link", "notes.txt", "notes.txt.gz", "plain"]);
    assert.equal(text(folder, "link"), "#!/bin/sh");
    assert.equal(statSync(join(folder, "link")).mode & 0o777, 0o755);
    assert.equal(statSync(join(folder, "plain")).mode & 0o777, 0o644);
    assert.equal(text(folder, "notes.txt"), "notes");
  });

  it("does not unpack what is not to be, or has no such name, or is called by another name", async () => {
    const value = bench.server.serve("/a.tar", tar);
    const folder = await bench.fetch([{ value, extract: false }, { value, outputFile: "a.data" }, bench.server.serve("/.tar", tar)]);
    assert.deepEqual(readdirSync(folder), [".tar", "a.data", "a.tar"]);
  });

  it("unpacks by the name that the command gives", async () => {
    const folder = await bench.fetch([{ value: bench.server.serve("/download?id=7", tar), outputFile: "in/a.tar" }]);
    assert.deepEqual(readdirSync(folder), ["bin", "in", "lib"]);
  });

  it("follows redirects, relative ones too, and not for ever", async () => {
    const redirect = (location: string) => (response: ServerResponse) => void response.writeHead(302, { location }).end();
    bench.server.serve("/end", "there");
    bench.server.serve("/middle", redirect(bench.server.uri("/end")));
    const folder = await bench.fetch([bench.server.serve("/start", redirect("middle"))]);
    assert.equal(text(folder, "start"), "there");
    await refused(
      [bench.server.serve("/loop", redirect("/loop"))],
      /uris\[0\].*\/loop was not: the server must not redirect more than 20 times/,
    );
    await refused([bench.server.serve("/to-file", redirect("file:///etc/passwd"))], /must lead to http or https, leads to file:/);
    await refused([bench.server.serve("/nowhere", (response) => void response.writeHead(301).end())], /valid location, names ""/);
  });

  it("says which URI failed and how, without the password in it", async () => {
    bench.server.serve("/ok", "ok");
    const missing = bench.server.uri("/missing").replace("//", "//bob:secret@");
    await refused([missing], /^command\.uris\[0\]\.value must be fetched, http:\/\/\*\*\*@.*\/missing was not: .*answered 404 Not Found$/);
    await refused([bench.server.serve("/sick", (response) => void response.writeHead(503).end("no"))], /answered 503 Service Unavailable/);
    await refused(["http://127.0.0.1:1/x"], /the connection failed: .*ECONNREFUSED/);
    await refused(["/no/such/file"], /\/no\/such\/file was not: cat says: .*No such file/);
    await refused(["/etc/"], /its path must end with the name of a file/);
    await refused(["hdfs://name/a"], /must begin with http:\/\/, https:\/\/, file:\/\/ or \/, begins with hdfs:/);
    await refused(["a/relative/path"], /must begin with http.*, is relative/);
    await refused(["file://elsewhere/a"], /must be of this machine/);
    await refused(["http://"], /no valid URL/);
    await refused([bench.server.serve("/stdout", "x")], /"stdout" in the sandbox is the agent's own/);
  });

  it("fetches nothing after the first that fails, and nothing when one of them cannot be", async () => {
    bench.server.serve("/ok", "ok");
    await assert.rejects(bench.fetch([bench.server.uri("/no"), bench.server.uri("/ok")]), /uris\[0\]/);
    await assert.rejects(bench.fetch([bench.server.uri("/ok"), "gopher://x/y"]), /uris\[1\]/);
    assert.deepEqual(bench.server.asked, ["/no"]);
  });

  it("refuses a body that is cut short", async () => {
    const cut = (response: ServerResponse): void => {
      response.writeHead(200, { "content-length": "100" });
      response.write("ten bytes.", () => response.destroy());
    };
    await refused([bench.server.serve("/cut", cut)], /\/cut was not: /);
  });

  it("gives up when no byte comes for too long, before the answer and in the middle of it", async () => {
    bench.open({ stallTimeoutMs: 80 });
    await refused([bench.server.serve("/silent", () => {})], /no byte came for 80 ms/);
    await refused([bench.server.serve("/stuck", (response) => void response.write("some"))], /no byte came for 80 ms/);
    const pipe = join(bench.folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    await refused([pipe], /no byte came for 80 ms/);
  });

  const limits = { fileMaxBytes: 1_000, unpackedMaxBytes: 1_000, membersMax: 3, totalTimeoutMs: 3_600_000 };

  it("gives up what comes steadily and does not end in time", async () => {
    bench.open({ limits: { ...limits, fileMaxBytes: Number.MAX_SAFE_INTEGER, totalTimeoutMs: 150 } });
    const drip = (response: ServerResponse): void => {
      const timer = setInterval(() => response.write("x"), 10);
      response.once("close", () => clearInterval(timer));
    };
    await refused([bench.server.serve("/drip", drip)], /did not come within 150 ms/);
  });

  it("gives up what is too large", async () => {
    bench.open({ limits });
    await refused([bench.server.serve("/large", "x".repeat(1_001))], /must have at most 1000 bytes, has more/);
    await refused(["/dev/zero"], /must have at most 1000 bytes, has more/);
  });

  it("is aborted in the middle of a download, and leaves nothing of it", async () => {
    const abort = new AbortController();
    let closed: Promise<unknown> | undefined;
    const value = bench.server.serve("/slow", (response) => {
      closed = once(response, "close");
      response.write("some");
      setImmediate(() => abort.abort(new Error("killed")));
    });
    const folder = bench.sandbox();
    await assert.rejects(bench.fetch([value], { folder, signal: abort.signal }), /^Error: killed$/);
    assert.deepEqual(readdirSync(folder), []);
    await closed;
  });

  it("names the program that an archive needs and the machine does not have", async () => {
    const path = process.env["PATH"];
    process.env["PATH"] = bench.sandbox();
    try {
      await assert.rejects(bench.fetch([bench.server.serve("/a.txz", "x")]), /the program xz is needed and is not installed/);
    } finally {
      process.env["PATH"] = path;
    }
  });

  it("does not take a server's word for who it is", async () => {
    const server = await new FileServer(true).listen();
    await assert.rejects(bench.fetch([server.serve("/x", "x")]), /the connection failed: .*self-signed certificate/);
    await server.close();
  });

  it("starts with an empty cache, whatever was left there", () => {
    mkdirSync(bench.cacheFolder, { recursive: true });
    writeFileSync(join(bench.cacheFolder, "9"), "half a file");
    bench.open();
    assert.deepEqual(readdirSync(bench.cacheFolder), []);
    assert.equal(existsSync(bench.cacheFolder), true);
  });
});

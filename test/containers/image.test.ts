/** The image comes from the working tree alone, is built once for each state of it, and leftovers of killed harnesses go. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import Docker from "dockerode";
import type { Plugin } from "esbuild";
import { buildImage } from "../../harness/containers/image.ts";
import { harnessLabel, removeLeftovers } from "../../harness/containers/leftovers.ts";

const docker = new Docker();

/** Puts a word into the master that is not in the working tree. */
function changing(word: string): Plugin {
  return {
    name: "change",
    setup: (build) => {
      build.onLoad({ filter: /server\/main\.ts$/ }, ({ path }) => ({
        contents: `${readFileSync(path, "utf8")}\nglobalThis.changed = "${word}";\n`,
        loader: "ts",
      }));
    },
  };
}

async function outputOf(image: string, command: readonly string[]): Promise<string> {
  const out = new PassThrough();
  const read = text(out);
  const [{ StatusCode }, container] = await docker.run(image, [...command], out, { Tty: true, HostConfig: { NetworkMode: "none" } });
  await container.remove();
  out.end();
  assert.equal(StatusCode, 0, `${command.join(" ")}: ${await read}`);
  return (await read).trim();
}

describe("the image", () => {
  // Beside the project, so that the Node binary can be linked instead of copied.
  const scratch = join(process.cwd(), ".tepui");
  mkdirSync(scratch, { recursive: true });
  const folder = mkdtempSync(join(scratch, "image-test-"));
  const madeHere: string[] = [];
  let name: string;

  before(async () => {
    name = (await buildImage(docker, folder)).name;
  });
  after(async () => {
    for (const image of madeHere) await docker.getImage(image).remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it("runs the Node that runs the harness", async () => {
    assert.equal(await outputOf(name, ["node", "--version"]), process.version);
  });

  it("holds the master and the agent of the working tree", async () => {
    for (const program of ["master", "agent"]) {
      assert.match(await outputOf(name, ["node", `/app/lib/bundle/${program}.mjs`, "--help"]), new RegExp(`Usage: tepui-${program}`));
    }
  });

  it("comes from no registry", async () => {
    const { RepoDigests, Config } = await docker.getImage(name).inspect();
    assert.deepEqual(RepoDigests ?? [], []);
    assert.ok(Config.Env.includes("PATH=/bin"), Config.Env.join(" "));
  });

  it("is not built again when nothing changed", async () => {
    const before = await docker.getImage(name).inspect();
    assert.equal((await buildImage(docker, folder)).name, name);
    const after = await docker.getImage(name).inspect();
    assert.deepEqual([after.Id, after.Created], [before.Id, before.Created]);
  });

  it("is another one when the source changed", async () => {
    const changed = (await buildImage(docker, folder, [changing("word")])).name;
    madeHere.push(changed);
    assert.notEqual(changed, name);
    assert.equal(await outputOf(changed, ["grep", "-c", "globalThis.changed", "/app/lib/bundle/master.mjs"]), "1");
    assert.equal((await buildImage(docker, folder)).name, name, "the working tree's own is still known");
  });
});

describe("what a killed harness leaves in Docker", () => {
  const label = (pid: number): Record<string, string> => ({ [harnessLabel]: String(pid) });
  /** A process that has ended. */
  const deadPid = Number(execFileSync("sh", ["-c", "echo $$"], { encoding: "utf8" }));
  let image: string;

  before(async () => {
    image = (await buildImage(docker, join(process.cwd(), ".tepui/image"))).name;
  });

  async function make(pid: number) {
    const network = await docker.createNetwork({ Name: `tepui-test-${pid}-${process.pid}`, Labels: label(pid) });
    const container = await docker.createContainer({
      Image: image,
      Cmd: ["sleep", "1000"],
      Labels: label(pid),
      HostConfig: { NetworkMode: network.id },
    });
    await container.start();
    return { network, container };
  }

  const filters = (pid: number): string => JSON.stringify({ label: [`${harnessLabel}=${pid}`] });
  const countOf = async (pid: number): Promise<number[]> => [
    (await docker.listContainers({ all: true, filters: filters(pid) })).length,
    (await docker.listNetworks({ filters: filters(pid) })).length,
  ];

  it("is removed by the next one, and what belongs to a living one stays", async () => {
    await make(deadPid);
    const living = await make(process.pid);
    assert.deepEqual(
      [await countOf(deadPid), await countOf(process.pid)],
      [
        [1, 1],
        [1, 1],
      ],
    );
    try {
      await removeLeftovers(docker);
      assert.deepEqual(
        [await countOf(deadPid), await countOf(process.pid)],
        [
          [0, 0],
          [1, 1],
        ],
      );
    } finally {
      await living.container.remove({ force: true });
      await living.network.remove();
    }
  });
});

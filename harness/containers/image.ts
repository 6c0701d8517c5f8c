/**
 * Builds the image that the nodes of a cluster run in, from this machine's files alone: the Node binary that runs the
 * harness, the libraries it is linked with, a static busybox as shell, and our bundle. No registry is asked.
 */

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type Docker from "dockerode";
import type { Plugin } from "esbuild";
import { agentInitScript } from "./agent-init.ts";
import { bundleInto } from "./bundle.ts";

const busyboxCandidates = ["/bin/busybox", "/usr/bin/busybox"] as const;

/** The applets that the init script, the supervisor and the workload's tasks use, and some to look around with. */
const applets = [
  "sh",
  "cat",
  "echo",
  "env",
  "false",
  "grep",
  "head",
  "kill",
  "ls",
  "mkdir",
  "mv",
  "ps",
  "rm",
  "setsid",
  "sleep",
  "sync",
  "tail",
  "true",
  "wc",
  "date",
  "id",
  "chmod",
  "readlink",
  "mkfifo",
  "touch",
  "cp",
  "ln",
  "printf",
  "test",
  "seq",
  "tr",
  "cut",
  "sed",
  "awk",
] as const;

export interface Image {
  /** As Docker knows it: repository:tag. */
  readonly name: string;
}

/** Builds the image, or finds it built from the same files. `folder` is scratch space on the project's file system. */
export async function buildImage(docker: Docker, folder: string, plugins: readonly Plugin[] = []): Promise<Image> {
  const base = await buildBase(docker, join(folder, "base"));
  const context = join(folder, "app");
  rmSync(context, { recursive: true, force: true });
  await bundleInto(join(context, "app"), plugins);
  writeFileSync(join(context, "app/agent-init"), agentInitScript);
  chmodSync(join(context, "app/agent-init"), 0o755);
  writeFileSync(join(context, "Dockerfile"), `FROM ${base}\nCOPY app /app\nENV PATH=/bin\n`);
  const name = `tepui:${hashFolder(context)}`;
  await buildOnce(docker, name, context);
  return { name };
}

async function buildBase(docker: Docker, context: string): Promise<string> {
  const node = process.execPath;
  const busybox = busyboxCandidates.find((path) => existsSync(path) && isStatic(path));
  if (busybox === undefined) throw new Error("no static busybox found; on Debian: apt-get install busybox-static");
  const identity = [process.version, statSync(node).size, statSync(busybox).size, applets.join()].join("|");
  const name = `tepui-base:${createHash("sha256").update(identity).digest("hex").slice(0, 16)}`;
  if (await exists(docker, name)) return name;
  rmSync(context, { recursive: true, force: true });
  const root = join(context, "root");
  for (const path of ["bin", "tmp", "run", "var/lib/tepui", "etc"]) mkdirSync(join(root, path), { recursive: true });
  place(node, join(root, "bin/node"));
  for (const library of sharedLibraries(node)) place(library, join(root, library));
  place(busybox, join(root, "bin/busybox"));
  for (const applet of applets) symlinkSync("busybox", join(root, "bin", applet));
  writeFileSync(join(root, "etc/passwd"), "root:x:0:0:root:/:/bin/sh\n");
  writeFileSync(join(context, "Dockerfile"), "FROM scratch\nCOPY root /\n");
  await buildOnce(docker, name, context);
  rmSync(context, { recursive: true, force: true });
  return name;
}

async function buildOnce(docker: Docker, name: string, context: string): Promise<void> {
  if (await exists(docker, name)) return;
  const stream = await docker.buildImage({ context, src: readdirSync(context) }, { t: name });
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(stream, (error, output: readonly { error?: string }[] | null) => {
      const failure = error?.message ?? output?.find((line) => line.error !== undefined)?.error;
      if (failure === undefined) resolve();
      else reject(new Error(`the image ${name} could not be built: ${failure}`));
    });
  });
}

async function exists(docker: Docker, name: string): Promise<boolean> {
  try {
    await docker.getImage(name).inspect();
    return true;
  } catch {
    return false;
  }
}

/** Links where it can: the Node binary alone has over 100 MB. */
function place(source: string, target: string): void {
  mkdirSync(dirname(target), { recursive: true });
  try {
    // A hard link to a symbolic link would be one itself.
    linkSync(realpathSync(source), target);
  } catch {
    cpSync(source, target, { dereference: true });
  }
}

/** What the loader would load for `program`, as absolute paths. */
function sharedLibraries(program: string): string[] {
  const listing = execFileSync("ldd", [program], { encoding: "utf8" });
  return [...new Set([...listing.matchAll(/(\/\S+) \(0x/g)].map((match) => match[1] ?? ""))];
}

function isStatic(program: string): boolean {
  try {
    return !execFileSync("ldd", [program], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).includes("=>");
  } catch {
    // ldd fails on a static program.
    return true;
  }
}

function hashFolder(folder: string): string {
  const hash = createHash("sha256");
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }).sort((a, b) =>
    join(a.parentPath, a.name) < join(b.parentPath, b.name) ? -1 : 1,
  )) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    hash.update(path.slice(folder.length)).update("\0").update(readFileSync(path));
  }
  return hash.digest("hex").slice(0, 16);
}

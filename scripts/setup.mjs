// Makes a bare clone ready and then runs a program of the project: `node scripts/setup.mjs [PROGRAM.ts ARGUMENT...]`.
// It is started with whatever Node the machine has (18 or newer) and without node_modules, so it is plain JavaScript on
// built-in modules. What is ready already is left alone: a second run only compares two lockfiles and one hash.
// The program runs on the Node that the project installs for itself, because type stripping and node:sqlite need Node 24.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const binFolder = join(root, "node_modules", ".bin");
const oldestNode = [24, 9];
/** Whose text decides what protos/gen looks like. */
const generators = ["scripts/gen.ts", "scripts/gen-presence.ts", "scripts/gen-schema.ts", "scripts/protoc-gen-tepui.ts"];
const forwardedSignals = ["SIGINT", "SIGTERM", "SIGHUP"];

installPackages();
const node = findNode();
generateProtos(node);
const [program, ...programArguments] = process.argv.slice(2);
if (program !== undefined) run(node, program, programArguments);

/** Installs what package-lock.json lists, unless exactly that is installed. */
function installPackages() {
  const reason = whyInstall();
  if (reason === undefined) return;
  refuseLink(reason);
  say(`${reason}: npm ci (from the npm registry, without install scripts; about half a minute)`);
  const npm = process.env.npm_execpath;
  const npmArguments = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
  const result =
    npm === undefined
      ? spawnSync("npm", npmArguments, { cwd: root, stdio: ["ignore", "ignore", "inherit"] })
      : spawnSync(process.execPath, [npm, ...npmArguments], { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
  if (result.status !== 0) fail(`npm ci failed (${describeEnd(result)}); run it by hand to see why`);
}

/** npm empties the folder behind a link before it installs, and that folder is some other checkout's. */
function refuseLink(reason) {
  const folder = join(root, "node_modules");
  if (lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return;
  fail(
    `${reason}, but node_modules is a link to ${readlinkSync(folder)} and installing would empty that folder: ` +
      "remove the link and run this again, or install there",
  );
}

/** Compares what is installed with what should be; platform packages may be missing. */
function whyInstall() {
  const installedFile = join(root, "node_modules", ".package-lock.json");
  if (!existsSync(installedFile)) return "no packages are installed yet";
  const installed = JSON.parse(readFileSync(installedFile, "utf8")).packages;
  const wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === "" || (entry.optional === true && installed[path] === undefined)) continue;
    if (installed[path]?.version !== entry.version) return `${path} should be ${entry.version}`;
  }
  return undefined;
}

/** The Node of node_modules where there is one for this platform, else the one that runs this, if it is new enough. */
function findNode() {
  const own = join(binFolder, "node");
  if (existsSync(own)) return own;
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])) return process.execPath;
  fail(`tepui needs Node ${oldestNode.join(".")} or newer and this is ${process.version}; there is no packaged Node for this platform`);
}

/** Generates protos/gen, unless it stems from exactly these protos, options and generator. */
function generateProtos(node) {
  const stampFile = join(root, "protos", "gen", ".inputs");
  const stamp = hashOfInputs();
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp) return;
  say("protos/gen is missing or old: npm run gen");
  const result = spawnSync(node, [join("scripts", "gen.ts")], { cwd: root, env: environment(), stdio: ["ignore", "ignore", "inherit"] });
  if (result.status !== 0) fail(`generating protos/gen failed (${describeEnd(result)})`);
  writeFileSync(stampFile, stamp);
}

function hashOfInputs() {
  const hash = createHash("sha256");
  const protos = readdirSync(join(root, "protos"), { recursive: true })
    .map((name) => join("protos", name))
    .filter((path) => path.endsWith(".proto"))
    .sort();
  for (const path of [...protos, "buf.gen.yaml", "buf.yaml", "node_modules/ts-proto/package.json", ...generators]) {
    hash.update(`${path}\n`).update(readFileSync(join(root, path)));
  }
  return hash.digest("hex");
}

/** Runs the program in place of this process: same terminal, same signals, same exit code. */
function run(node, program, programArguments) {
  // A planted bug must be there before the program's first file is loaded.
  const planting = process.env.TEPUI_MUTANT ? ["--import", join(root, "chaos", "mutants", "register.ts")] : [];
  const child = spawn(node, ["--disable-warning=ExperimentalWarning", ...planting, program, ...programArguments], {
    stdio: "inherit",
    env: environment(),
  });
  for (const signal of forwardedSignals) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => fail(`cannot start ${node}: ${error.message}`));
  child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}

/** The project's own tools and Node come first, also when this is not started by npm. */
function environment() {
  return { ...process.env, PATH: `${binFolder}${delimiter}${process.env.PATH ?? ""}` };
}

function describeEnd(result) {
  return result.error?.message ?? (result.signal === null ? `exit code ${result.status}` : result.signal);
}

function say(text) {
  process.stderr.write(`setup: ${text}\n`);
}

function fail(text) {
  say(text);
  process.exit(2);
}

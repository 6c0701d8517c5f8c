// Makes the machine ready for the whole test suite: a container engine, a static shell for our images, Python with gRPC for the
// examples in other languages. On Debian and as root it installs what is missing and starts a container engine where none runs;
// otherwise it says what to do, and the tests that need the missing part are skipped. With CI=true nothing may be missing.
import { spawn, spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const stateFolder = join(root, ".tepui");
const socketPath = "/var/run/docker.sock";
const engineStartMs = 30_000;

/** dockerd and the iptables that it calls lie where not everybody's PATH leads. */
const searchPath = [process.env.PATH ?? "", "/usr/local/sbin", "/usr/sbin", "/sbin"].join(delimiter);

/** Each part: what the tests need it for, how to see that it is there, and the Debian packages that bring it. */
const parts = [
  { needed: "containers", isThere: () => process.env.DOCKER_HOST !== undefined || hasCommand("dockerd"), packages: ["docker.io"] },
  { needed: "containers", isThere: () => process.env.DOCKER_HOST !== undefined || hasCommand("iptables"), packages: ["iptables"] },
  { needed: "container images", isThere: () => hasCommand("busybox"), packages: ["busybox-static"] },
  { needed: "the Python example", isThere: hasPythonGrpc, packages: ["python3-grpcio", "python3-protobuf"] },
  { needed: "the Python and C++ examples", isThere: () => hasCommand("protoc"), packages: ["protobuf-compiler"] },
  { needed: "the Python and C++ examples", isThere: () => hasCommand("grpc_python_plugin"), packages: ["protobuf-compiler-grpc"] },
  { needed: "the C++ example", isThere: () => hasCommand("g++"), packages: ["g++"] },
  { needed: "the C++ example", isThere: () => hasCommand("make"), packages: ["make"] },
  { needed: "the C++ example", isThere: () => hasCommand("pkg-config"), packages: ["pkg-config"] },
  { needed: "the C++ example", isThere: hasCppGrpc, packages: ["libgrpc++-dev", "libprotobuf-dev"] },
];

const isRoot = process.getuid?.() === 0;
const problems = [...installParts(), ...(await startEngine())];
for (const problem of problems) say(problem);
if (problems.length > 0 && process.env.CI === "true") process.exit(2);

/** Installs what is missing; returns what still is, with what to do about it. */
function installParts() {
  const missing = parts.filter((part) => !part.isThere());
  if (missing.length === 0) return [];
  const packages = missing.flatMap((part) => part.packages);
  const command = `apt-get install -y --no-install-recommends ${packages.join(" ")}`;
  if (!isRoot || !hasCommand("apt-get")) {
    return missing.map((part) => `${part.packages.join(", ")} is missing (for ${part.needed}); as root: ${command}`);
  }
  say(`${packages.join(", ")} missing: ${command}`);
  apt(["update"]);
  apt(["install", "-y", "--no-install-recommends", ...packages]);
  return missing
    .filter((part) => !part.isThere())
    .map((part) => `${part.packages.join(", ")} (for ${part.needed}) could not be installed; the log is .tepui/apt.log`);
}

function apt(aptArguments) {
  mkdirSync(stateFolder, { recursive: true });
  const log = openSync(join(stateFolder, "apt.log"), "a");
  const env = { ...process.env, PATH: searchPath, DEBIAN_FRONTEND: "noninteractive" };
  spawnSync("apt-get", ["-q", ...aptArguments], { stdio: ["ignore", log, log], env });
}

/** Starts a container engine where none answers; returns why there is none. */
async function startEngine() {
  if (process.env.DOCKER_HOST !== undefined || (await answers())) return [];
  if (!isRoot) return [`no container engine answers at ${socketPath}; start one, or set DOCKER_HOST`];
  if (!hasCommand("dockerd")) return ["no container engine: dockerd is missing"];
  mkdirSync(stateFolder, { recursive: true });
  const logPath = join(stateFolder, "dockerd.log");
  const log = openSync(logPath, "a");
  const engine = spawn("dockerd", [], { detached: true, stdio: ["ignore", log, log], env: { ...process.env, PATH: searchPath } });
  engine.on("error", (error) => say(`dockerd: ${error.message}`));
  engine.unref();
  // The pid stands for "we started it": whoever wants it gone knows which process to end.
  writeFileSync(join(stateFolder, "dockerd.pid"), `${engine.pid}\n`);
  const deadlineAtMs = Date.now() + engineStartMs;
  while (Date.now() < deadlineAtMs && engine.exitCode === null) {
    if (await answers()) {
      say(`started dockerd (pid ${engine.pid}, log .tepui/dockerd.log); it stays for the next run: kill ${engine.pid} to end it`);
      return [];
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const lastLines = readFileSync(logPath, "utf8").trimEnd().split("\n").slice(-3).join("\n  ");
  return [`dockerd did not answer within ${engineStartMs / 1000} s; .tepui/dockerd.log ends with:\n  ${lastLines}`];
}

function answers() {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    socket.on("connect", () => resolve(true));
    socket.on("error", () => resolve(false));
    socket.on("connect", () => socket.destroy());
  });
}

/** The distribution's packages serve the distribution's interpreter; `python3` may be another one. */
function hasPythonGrpc() {
  if (existsSync("/usr/lib/python3/dist-packages/grpc") && existsSync("/usr/lib/python3/dist-packages/google/protobuf")) return true;
  return spawnSync("python3", ["-c", "import grpc, google.protobuf"], { stdio: "ignore" }).status === 0;
}

function hasCppGrpc() {
  return spawnSync("pkg-config", ["--exists", "grpc++", "protobuf"], { stdio: "ignore" }).status === 0;
}

function hasCommand(name) {
  return searchPath.split(delimiter).some((folder) => isExecutable(join(folder, name)));
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function say(text) {
  process.stderr.write(`setup: ${text}\n`);
}

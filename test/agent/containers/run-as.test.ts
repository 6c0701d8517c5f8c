/** Whose processes, files and volumes a task's are. Switching takes root: without it the refusals are what there is to see. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { findRunAs, nodeSwitcher, ownUser, wantedUser } from "../../../agent/containers/run-as.ts";
import { runFolder } from "../../../agent/containers/sandbox-layout.ts";
import { writeTaskRequest } from "../../../agent/containers/supervisor-request.ts";
import { findUser } from "../../../agent/containers/system-users.ts";
import { commandAs, plainEnvironment } from "../../../agent/containers/task-environment.ts";
import { giveVolumes } from "../../../agent/containers/volumes.ts";
import { tarOf } from "../fetcher/archives.ts";
import { type Bench, idOf, openBench, sandboxKey, spec, until, waitMaxMs } from "./runtime-bench.ts";

const isRoot = process.geteuid?.() === 0;
const noUris = { executable: false, extract: true, cache: false, outputFile: undefined };

describe("wantedUser()", () => {
  const own = { name: "agent", uid: 0 };
  it("is the command's, else the framework's where users are switched, and nobody where it is the agent's own", () => {
    assert.deepEqual(wantedUser(spec("c", { user: "bob" }, "alice"), own, false), { field: "command.user", name: "bob" });
    assert.deepEqual(wantedUser(spec("c", {}, "alice"), own, true), { field: "framework_info.user", name: "alice" });
    assert.equal(wantedUser(spec("c", {}, "alice"), own, false), undefined);
    assert.equal(wantedUser(spec("c", {}, ""), own, true), undefined);
    assert.equal(wantedUser(spec("c", { user: "agent" }, "alice"), own, true), undefined);
  });
});

describe("findRunAs()", () => {
  const user = (name: string) => ({ field: "command.user", name });

  it("names a user whom the machine does not have, and a name that is none", async () => {
    await assert.rejects(
      findRunAs(user("no-such-user"), ownUser(), true),
      /^Error: command\.user must be a user of the agent's machine, is "no-such-user"$/,
    );
    await assert.rejects(findRunAs(user("a b"), ownUser(), true), /command\.user must be the name of a user, is "a b"/);
  });

  it("refuses somebody else to an agent that is not root, or that does not switch", async () => {
    const plain = { name: "carol", uid: 4_711 };
    await assert.rejects(
      findRunAs(user("nobody"), plain, true),
      /must be "carol", the user of an agent that does not run as root, is "nobody"/,
    );
    await assert.rejects(
      findRunAs(user("nobody"), { name: "root", uid: 0 }, false),
      /must be "root", the user of an agent with --switch-user=false/,
    );
  });

  it("takes another name of the agent's own user", async () => {
    const nobody = await findUser("nobody");
    assert.ok(nobody !== undefined);
    assert.equal(await findRunAs(user("nobody"), { name: "alias", uid: nobody.uid }, true), undefined);
  });
});

if (isRoot) {
  describe("a task of another user, beneath an agent of root", () => {
    let folder: string;
    let bench: Bench;
    let uid: number;

    before(async () => {
      uid = (await findUser("nobody"))?.uid ?? 0;
      assert.ok(uid > 0);
    });
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "tepui-users-"));
      // Others than root must be able to reach their sandbox.
      chmodSync(folder, 0o755);
      bench = openBench(folder, { switchUser: true });
      bench.runtime.recover();
    });
    afterEach(async () => {
      bench.runtime.killAll(waitMaxMs);
      await bench.next("allContainersKilled");
      bench.runtime.close();
      rmSync(folder, { recursive: true, force: true });
    });

    const sandbox = (...path: string[]): string => join(runFolder(folder, sandboxKey, idOf("c1")), ...path);
    const output = (): string => readFileSync(sandbox("stdout"), "utf8");

    async function run(script: string, options: Partial<Parameters<typeof spec>[1]> = {}, frameworkUser = "nobody"): Promise<string> {
      bench.runtime.launch(spec("c1", { value: script, ...options }, frameworkUser));
      const { exit } = await bench.next("containerExited");
      assert.deepEqual(exit, { kind: "exited", code: 0 }, readFileSync(sandbox("stderr"), "utf8"));
      return output();
    }

    it("runs with the user's id and groups and no more, in a sandbox that is the user's", async () => {
      const expected = execFileSync("id", ["nobody"], { encoding: "utf8" });
      const text = await run('id; echo x > "$MESOS_SANDBOX/file"; echo again >>/dev/stdout; grep CapEff /proc/self/status; pwd');
      assert.equal(text, `${expected}again\nCapEff:\t0000000000000000\n${sandbox()}\n`);
      for (const path of ["", "stdout", "stderr", "file"]) assert.equal(statSync(sandbox(path)).uid, uid, path);
    });

    it("has its variables, whatever is in them, and no file of them stays", async () => {
      const environment = [
        ["QUOTES", `it's "so" $HOME \`x\`\n\\`],
        ["EMPTY", ""],
        ["UID", "5"],
        ["no-shell", "x"],
      ] as const;
      const shown = await run('printf "%s|" "$QUOTES" "$EMPTY" "$MESOS_SANDBOX" "$HOME" "$PATH"; ls -A', { environment });
      const home = sandbox();
      assert.equal(shown, `${environment[0][1]}||${home}|${home}|${process.env["PATH"]}|stderr\nstdout\n`);
    });

    it("runs a program without a shell, and tells its exit and one that is not there", async () => {
      assert.equal(await run("", { shell: false, value: "printf", arguments: ["printf", "<%s>", "a b", "$HOME"] }), "<a b><$HOME>");
      bench.runtime.launch(spec("c2", { shell: false, value: "/no/such/program" }, "nobody"));
      assert.deepEqual((await bench.next("containerExited")).exit, { kind: "exited", code: 127 });
    });

    it("has no variable of its own in what runs as root, and no file of its sandbox is opened there", () => {
      const asRoot = writeTaskRequest({
        recordPath: "r",
        cancelledPath: "c",
        sandbox: "s",
        cgroup: undefined,
        groups: [],
        environment: plainEnvironment(idOf("c1")),
        commandLine: commandAs({ user: { name: "bob", uid: 1, gid: 1 }, prefix: ["switch"] }, ["task"]),
        opensOutput: true,
        endsWithAgent: false,
      });
      assert.deepEqual(
        [...asRoot.matchAll(/export '(\w+)=/g)].map(([, name]) => name),
        ["PATH", "TEPUI_CONTAINER_ID"],
      );
      assert.match(asRoot, /\nexec >\/dev\/null 2>&1\nexec 'switch' '\/bin\/sh' /);
    });

    it("cannot end its supervisor or touch its record, and dies with all that it started", async () => {
      const daemon = `setsid sh -c "sleep 60; true" ${folder}/daemon & echo ready; wait`;
      bench.runtime.launch(
        spec("c1", { value: `kill -9 $PPID; echo forged >> ${folder}/containers/records/${idOf("c1")}; ${daemon}` }, "nobody"),
      );
      await until(() => existsSync(sandbox("stdout")) && output().includes("ready"));
      const complaints = readFileSync(sandbox("stderr"), "utf8");
      assert.match(complaints, /not permitted|Permission denied/);
      assert.doesNotMatch(readFileSync(join(folder, "containers/records", idOf("c1")), "utf8"), /forged/);
      bench.runtime.kill(idOf("c1"), 0);
      assert.equal((await bench.next("containerExited")).exit.kind, "signalled");
      const left = execFileSync("sh", ["-c", `grep -lz "^${folder}/daemon$" /proc/[0-9]*/cmdline 2>/dev/null | wc -l`], {
        encoding: "utf8",
      });
      assert.equal(left.trim(), "0");
    });

    it("owns the files that were fetched for it, and gets none that it may not read", async () => {
      writeFileSync(
        join(folder, "a.tar"),
        tarOf([
          { path: "d/x", content: "mine" },
          { path: "l", type: "SymbolicLink", linkpath: "d" },
        ]),
        { mode: 0o644 },
      );
      await run("echo more >> d/x; cat l/x", { uris: [{ ...noUris, value: join(folder, "a.tar") }] });
      assert.equal(output(), "minemore\n");
      for (const path of ["a.tar", "d", "d/x"]) assert.equal(statSync(sandbox(path)).uid, uid, path);
      const secret = join(folder, "secret");
      writeFileSync(secret, "of root", { mode: 0o600 });
      bench.runtime.launch(spec("c2", { value: "true", uris: [{ ...noUris, value: secret }] }, "nobody"));
      assert.match((await bench.next("containerFailed")).reason, /uris\[0\].*secret was not: cat says: .*Permission denied/);
    });

    it("may write to its volumes", async () => {
      mkdirSync(join(folder, "volumes/roles/r/v"), { recursive: true });
      const volumes = [{ role: "r", id: "v", containerPath: "data/v", isShared: true }];
      bench.runtime.launch({ ...spec("c1", { value: "echo kept > data/v/file" }, "nobody"), volumes });
      assert.deepEqual((await bench.next("containerExited")).exit, { kind: "exited", code: 0 });
      assert.equal(readFileSync(join(folder, "volumes/roles/r/v/file"), "utf8"), "kept\n");
      const daemon = await findUser("daemon");
      assert.ok(daemon !== undefined);
      giveVolumes(folder, volumes, daemon);
      assert.equal(statSync(join(folder, "volumes/roles/r/v")).uid, uid, "a shared volume stays with the first");
      giveVolumes(folder, [{ role: "r", id: "v", containerPath: "v", isShared: false }], daemon);
      assert.equal(statSync(join(folder, "volumes/roles/r/v")).uid, daemon.uid);
    });

    it("is the command's user before the framework's", async () => {
      assert.equal(await run("id -un", { user: "root" }), "root\n");
    });

    it("fails clearly when the machine does not have the user", async () => {
      bench.runtime.launch(spec("c1", {}, "no-such-user"));
      assert.match(
        (await bench.next("containerFailed")).reason,
        /framework_info\.user must be a user of the agent's machine, is "no-such-user"/,
      );
    });

    it("is switched to by Node where there is no setpriv", async () => {
      const user = await findUser("nobody");
      assert.ok(user !== undefined);
      const [program = "", ...prefix] = nodeSwitcher(user);
      const command = [...prefix, "sh", "-c", 'id; grep CapEff /proc/self/status; echo "$@"', "sh", "a b"];
      const shown = execFileSync(program, command, { encoding: "utf8", env: { PATH: process.env["PATH"] ?? "" }, cwd: "/" });
      const expected = execFileSync("id", ["nobody"], { encoding: "utf8" });
      assert.equal(shown, `${expected}CapEff:\t0000000000000000\na b\n`);
    });
  });
} else {
  describe("a task of another user, beneath an agent that is not root", () => {
    it("fails clearly", async () => {
      const folder = mkdtempSync(join(tmpdir(), "tepui-users-"));
      const bench = openBench(folder, { switchUser: true });
      bench.runtime.launch(spec("c1", { user: "root" }));
      assert.match(
        (await bench.next("containerFailed")).reason,
        /command\.user must be ".*", the user of an agent that does not run as root/,
      );
      bench.runtime.close();
      rmSync(folder, { recursive: true, force: true });
    });
  });
}

/** The verbs of `tepui` that ask, against one real cluster. */

import assert from "node:assert/strict";
import { TaskInfo, TaskState, Value_Type } from "../../protos/gen/mesos/v1/mesos.ts";
import { SdkCluster } from "./sdk-cluster.ts";
import { until } from "./until.ts";

describe("tepui", () => {
  let cluster: SdkCluster;
  let address: string;
  let agentId: string;
  let frameworkId: string;

  before(async () => {
    const agentFlags = ["--resources=cpus:4;mem:1024;ports:[31000-31009]", "--hostname=host-a", "--attributes=rack:r1"];
    cluster = await SdkCluster.start({ name: "batch", agentFlags });
    address = cluster.masterAddress;
    agentId = await runTasks();
    frameworkId = cluster.driver.frameworkId ?? "";
  });
  after(() => cluster.stop());

  /** "long" runs on, "short" ends by itself. Answers the agent's id. */
  async function runTasks(): Promise<string> {
    const resources = [{ name: "cpus", type: Value_Type.SCALAR, scalar: { value: 0.5 } }];
    const id = await cluster.launch((value) =>
      Object.entries({ long: "exec sleep 600", short: "true" }).map(([name, command]) => {
        const fields = { name: `the ${name}`, taskId: { value: name }, agentId: { value }, resources, command: { value: command } };
        return TaskInfo.fromPartial(fields);
      }),
    );
    await cluster.reached("long", TaskState.TASK_RUNNING);
    await cluster.reached("short", TaskState.TASK_FINISHED);
    return id;
  }

  const tepui = (...words: string[]): Promise<string> => cluster.tepui(...words);
  const refused = (...words: string[]): Promise<string> => cluster.refused(...words);

  it("task kill refuses a task that has ended or is not there, and a name", async () => {
    assert.match(
      await refused("task", "kill", "short"),
      /task_id must be of a task that runs, short has ended|framework .* runs, short is not/,
    );
    assert.match(await refused("task", "kill", "nobody"), /no task is "nobody"/);
    assert.match(await refused("task", "kill", "the long"), /task "the long" must be named by its id, which is long/);
  });

  it("cluster status says who leads, what is there, and how much is used", async () => {
    const out = await tepui("cluster", "status");
    assert.match(
      out,
      new RegExp(
        `^leader: +${address}, version [\\d.]+\nleads since: .* ago\nagents: +1 active\nframeworks: +1 connected\ntasks: +1 running\n`,
      ),
    );
    assert.match(out, /\ncpus +0\.5 +\S+ +4 +13%\n/);
    const json = JSON.parse(await tepui("cluster", "status", "--json"));
    assert.deepEqual([json.leader, json.agents, json.tasks], [address, { active: 1 }, { running: 1 }]);
    assert.deepEqual([json.resources.cpus.used, json.resources.cpus.total], [0.5, 4]);
  });

  it("cluster wait ends when it is so, and says what is missing when it is not", async () => {
    assert.equal(await tepui("cluster", "wait", "--agents", "1", "--frameworks", "1", "--tasks", "1"), "it is so\n");
    assert.deepEqual(JSON.parse(await tepui("cluster", "wait", "--leader", "--json")), { ok: true });
    const words = ["cluster", "wait", "--agents", "3", "--tasks", "2", "--timeout", "100ms"];
    assert.match(await refused(...words), /^error: not so after \S+: 1 of 3 agents are active, 1 of 2 tasks run\n$/);
  });

  it("agent show finds an agent by its hostname or the end of its id, and says what runs there", async () => {
    for (const text of [agentId, "S0", "host-a"]) {
      const out = await tepui("agent", "show", text);
      assert.match(
        out,
        new RegExp(`^id: +${agentId}\nhost: +host-a\naddress: +127\\.0\\.0\\.1:\\d+\nstate: +active\nattributes: +rack=r1\n`),
      );
      assert.match(
        out,
        /\nresources: +cpus 4, .*ports 31000-31009.*\nin use: +cpus 0\.5.*\n(offered: .*\n)?tasks: +1 running\ntask: +long \(running\)\n$/,
      );
    }
    assert.equal(JSON.parse(await tepui("agent", "show", "S0", "--json")).agent_info.hostname, "host-a");
    assert.equal(
      await refused("agent", "show", "host-b"),
      'error: no agent is "host-b", by its id, the end of its id or its name\n`tepui agent list` shows what there is.\n',
    );
  });

  it("framework list and show say what a framework holds", async () => {
    assert.match(
      await tepui("framework", "list"),
      new RegExp(`^ID .*\n${frameworkId} +batch +\\* +connected +1 +0\\.5 +0 +\\d+[sm] ago\n$`),
    );
    assert.equal(JSON.parse(await tepui("framework", "list", "--json")).frameworks.length, 1);
    const out = await tepui("framework", "show", "batch");
    assert.match(out, new RegExp(`^id: +${frameworkId}\nname: +batch\nuser: +root\n`));
    assert.match(out, /\nmay be away for: +1m\nholds: +cpus 0\.5\n(is offered: .*\n)?tasks: +1 running\nended tasks: +1 finished\n$/);
    assert.equal(JSON.parse(await tepui("framework", "show", "0000", "--json")).framework_info.name, "batch");
    assert.match(await refused("framework", "show", "nobody"), /^error: no framework is "nobody"/);
  });

  it("task list shows what runs, and what ended if asked; filters take what people write", async () => {
    assert.match(await tepui("task", "list"), /^ID .*\nlong +the long +batch +host-a +running +0\.5 +0\n$/);
    assert.match(await tepui("task", "list", "--all"), /\nshort +the short +batch +host-a +finished /);
    assert.equal(await tepui("task", "list", "--framework", "batch", "--agent", "host-a"), await tepui("task", "list"));
    const { tasks, completed_tasks: ended } = JSON.parse(await tepui("task", "list", "--all", "--json"));
    assert.deepEqual([tasks[0].name, ended[0].name], ["the long", "the short"]);
    assert.match(await refused("task", "list", "--agent", "nowhere"), /^error: no agent is "nowhere"/);
  });

  it("task show finds a task by its id or name, the ended ones too", async () => {
    assert.match(
      await tepui("task", "show", "the long"),
      new RegExp(`^id: +long\nname: +the long\nstate: +running\nframework: +${frameworkId} \\(batch\\)\nagent: +${agentId} \\(host-a\\)\n`),
    );
    assert.match(await tepui("task", "show", "short", "--framework", "0000"), /\nstate: +finished\n/);
    assert.equal(JSON.parse(await tepui("task", "show", "long", "--json")).task_id.value, "long");
    assert.match(await refused("task", "show", "none"), /^error: no task is "none"/);
  });

  it("refuses an order about what is not there, and changes nothing", async () => {
    const before = await tepui("agent", "list");
    for (const verb of ["drain", "deactivate", "reactivate", "gone"]) {
      assert.match(
        await refused("agent", verb, "nobody"),
        /NOT_FOUND: .*nobody is not known.*\nGive the id of an agent; `tepui agent list` shows it\.\n$/,
      );
    }
    assert.match(await refused("agent", "reactivate", agentId), /FAILED_PRECONDITION/);
    assert.match(
      await refused("maintenance", "cancel", "host-a"),
      /^error: machine host-a is not in the schedule: nothing is cancelled\n$/,
    );
    assert.match(await refused("maintenance", "start", "host-a"), /^error: StartMaintenance was refused/);
    assert.match(await refused("maintenance", "stop", "host-a"), /^error: StopMaintenance was refused/);
    assert.match(
      await refused("framework", "teardown", "batch"),
      /NOT_FOUND: [\s\S]*\nGive the id of a framework; `tepui framework list` shows it\.\n$/,
    );
    assert.equal(await tepui("agent", "list"), before);
    assert.equal(await tepui("maintenance", "status"), "no machine has a maintenance window\n");
  });

  it("maintenance schedule and cancel of several people at one moment do not undo one another", async () => {
    const hosts = ["host-p", "host-q", "host-r", "host-s"];
    await Promise.all(hosts.map((host) => tepui("maintenance", "schedule", host, "in", "2h")));
    const planned = await tepui("maintenance", "status");
    for (const host of hosts) assert.match(planned, new RegExp(`^${host} +DRAINING`, "m"));
    await Promise.all(hosts.map((host) => tepui("maintenance", "cancel", host)));
    assert.equal(await tepui("maintenance", "status"), "no machine has a maintenance window\n");
  });

  it("lists ids for the shell to complete", async () => {
    assert.equal(await tepui("ids", "agent-id"), `${agentId}\n`);
    assert.equal(await tepui("ids", "task-id"), "long\n");
    assert.equal(await tepui("ids", "framework-id"), `${frameworkId}\n`);
  });

  it("ends a task, which its framework hears as killed", async () => {
    assert.equal(await tepui("task", "kill", "long", "--grace", "10s"), `task long of framework ${frameworkId} is being killed\n`);
    const state = async () => (JSON.parse(await tepui("task", "show", "long", "--json")) as { state: string }).state;
    await until(async () => (await state()) === "TASK_KILLED");
    assert.equal(cluster.statesOf("long").at(-1), TaskState.TASK_KILLED);
  });
});

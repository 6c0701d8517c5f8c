/** An agent as far as a test needs one: a container with a command beside it that ends by itself never. Killed by the test. */

import { ContainerId } from "../../../common/ids.ts";
import { openBench, spec } from "./runtime-bench.ts";

const [, , workDirectory = "", id = ""] = process.argv;
const containerId = ContainerId(id);
const { runtime, next } = openBench(workDirectory, { useCgroups: true });
runtime.recover();
runtime.launch({ ...spec("c1", { value: "sleep 60" }), containerId });
await next("containerStarted");
const { command } = spec("c1", { value: "trap : TERM HUP; echo $$ > main; while :; do sleep 1; done" });
runtime.runBeside({ containerId, command, frameworkUser: "" }, () => {});

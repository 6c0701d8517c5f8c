/** An agent as far as a test needs one: a container with a command beside it that ends by itself never. Killed by the test. */

import { ContainerId } from "../../../common/ids.ts";
import { openBench, spec } from "./runtime-bench.ts";

const [, , workDirectory = ""] = process.argv;
const { runtime, launch, next } = openBench(workDirectory, { useCgroups: true });
runtime.recover();
launch("c1", "sleep 60");
await next("containerStarted");
const { command } = spec("c1", { value: "trap : TERM HUP; echo $$ > main; while :; do sleep 1; done" });
runtime.runBeside({ containerId: ContainerId("c1"), command, frameworkUser: "" }, () => {});

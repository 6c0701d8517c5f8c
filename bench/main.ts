/** `npm run bench -- WORKLOAD`: runs one workload beside its floor, and prints a table and a line of JSON. */

import { runCommandLine } from "../runtime/command-line.ts";
import { createProgram } from "./program.ts";

await runCommandLine(createProgram());

/** `tepui`: the command line. */

import { runCommandLine } from "../runtime/command-line.ts";
import { createProgram } from "./program.ts";
import { endWhenNobodyReads } from "./standard-streams.ts";

endWhenNobodyReads();
await runCommandLine(createProgram());

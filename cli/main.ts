/** `tepui`: the command line. */

import { runCommandLine } from "../runtime/command-line.ts";
import { createProgram } from "./program.ts";

await runCommandLine(createProgram());

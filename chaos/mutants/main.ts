/** `npm run mutants`: plants known bugs one after the other and measures how soon the harness catches each. */

import { runCommandLine } from "../../runtime/command-line.ts";
import { createProgram } from "./program.ts";

await runCommandLine(createProgram());

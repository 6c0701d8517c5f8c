/** The door to runs against a cluster: `npm run chaos -- SUITE`, `npm run sim`, `npm run replay` and `npm run fuzz`. */

import { runCommandLine } from "../runtime/command-line.ts";
import { createProgram } from "./program.ts";

await runCommandLine(createProgram());

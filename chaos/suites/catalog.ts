/** Every suite by name. */

import { maintenance } from "./maintenance.ts";
import { smoke } from "./smoke.ts";
import type { Suite } from "./suite.ts";

export const suites: ReadonlyMap<string, Suite> = new Map([maintenance, smoke].map((suite) => [suite.name, suite]));

/** Every suite by name. */

import { smoke } from "./smoke.ts";
import type { Suite } from "./suite.ts";

export const suites: ReadonlyMap<string, Suite> = new Map([smoke].map((suite) => [suite.name, suite]));

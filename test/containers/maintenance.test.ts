/** The maintenance suite in containers, with the report that it leaves, and nothing else left. */

import { describeMaintenance } from "../chaos/maintenance-behaviour.ts";
import { assertNothingLeft } from "./harness-leftovers.ts";

describeMaintenance("containers", assertNothingLeft);

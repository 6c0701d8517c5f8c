/** The smoke suite in containers, with the report that it leaves, and nothing else left. */

import { describeSmoke } from "../chaos/smoke-behaviour.ts";
import { assertNothingLeft } from "./harness-leftovers.ts";

describeSmoke("containers", assertNothingLeft);

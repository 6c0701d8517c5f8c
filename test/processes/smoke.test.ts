/** The smoke suite on real processes, with the report that it leaves. */

import { describeSmoke } from "../chaos/smoke-behaviour.ts";

describeSmoke("processes");

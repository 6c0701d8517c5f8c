/** The maintenance suite on real processes, with the report that it leaves. */

import { describeMaintenance } from "../chaos/maintenance-behaviour.ts";

describeMaintenance("processes");

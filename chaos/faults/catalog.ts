/** Every fault that tepui can inject. A suite picks by name; a cluster leaves out what it cannot do. */

import type { Fault } from "../../harness/nemesis.ts";
import { storeFail, storeStall } from "./break-store.ts";
import { cutAgent, cutMaster } from "./cut-node.ts";
import { dropConnections } from "./drop-connections.ts";
import { drainNow, killAgent, killMaster, terminateAgent, terminateMaster } from "./end-node.ts";
import { killAgentAtTaskEnd } from "./kill-agent-at-task-end.ts";
import { killAgentMidStep, killMasterMidStep } from "./kill-mid-step.ts";
import { pauseAgent, pauseMaster } from "./pause-node.ts";

export const faults: readonly Fault[] = [
  drainNow,
  killAgent,
  killMaster,
  terminateAgent,
  terminateMaster,
  pauseAgent,
  pauseMaster,
  cutAgent,
  cutMaster,
  dropConnections,
  killAgentAtTaskEnd,
  killAgentMidStep,
  killMasterMidStep,
  storeStall,
  storeFail,
];

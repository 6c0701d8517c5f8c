/** Breaks what is inside simulated nodes: their disks, and the moment between two effects of one step. */

import { assertDefined } from "../../common/assert.ts";
import type { InnerFaults } from "../cluster.ts";
import type { SimStore } from "./store.ts";

export interface InnerFaultTargets {
  /** By name, in a fixed order. */
  readonly stores: ReadonlyMap<string, SimStore>;
  readonly node: (name: string) => { setKillMidStep(isWanted: boolean): void };
}

export function createInnerFaults({ stores, node }: InnerFaultTargets): InnerFaults {
  const storeOf = (name: string): SimStore => assertDefined(stores.get(name), `store ${name}`);
  return {
    stores: [...stores.keys()],
    breakStore(name, how) {
      if (how === "stall") storeOf(name).stall();
      else storeOf(name).setFull(true);
    },
    mendStore(name) {
      storeOf(name).setFull(false);
      storeOf(name).unstall();
    },
    storeEvidence: (name) => storeOf(name).evidence(),
    killMidStep: (name) => node(name).setKillMidStep(true),
    spare: (name) => node(name).setKillMidStep(false),
  };
}

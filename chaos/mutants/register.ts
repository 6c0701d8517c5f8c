/**
 * Plants the bug that TEPUI_MUTANT names into this process: `node --import ./chaos/mutants/register.ts program.ts`.
 * It must come before the program, whose files it changes while Node loads them.
 */

import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";
import { plantedMutant } from "./catalog.ts";
import { printMarkers } from "./marker.ts";
import { plant } from "./mutant.ts";

const mutant = plantedMutant();
if (mutant !== undefined) {
  const target = new URL(`../../${mutant.file}`, import.meta.url).href;
  printMarkers();
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      if (url !== target || loaded.source === undefined || loaded.source === null) return loaded;
      const source = typeof loaded.source === "string" ? loaded.source : Buffer.from(loaded.source as Uint8Array).toString("utf8");
      return { ...loaded, source: plant(mutant, source) };
    },
  });
  process.stderr.write(`${mutant.id} is planted in ${fileURLToPath(target)}\n`);
}

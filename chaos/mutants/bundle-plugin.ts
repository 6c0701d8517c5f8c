/** Plants a bug while the sources are bundled: how mutants get into containers. */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Plugin } from "esbuild";
import { type Mutant, plant } from "./mutant.ts";

const projectFolder = fileURLToPath(new URL("../..", import.meta.url));

/** In a bundle nothing defines the marker function; the planted file does it itself. */
const markerPrelude = 'globalThis.tepuiMutant ??= (id) => process.stderr.write("TEPUI-MUTANT " + id + "\\n");\n';

export function mutantPlugin(mutant: Mutant): Plugin {
  return {
    name: `mutant-${mutant.id}`,
    setup(build) {
      build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
        if (path !== `${projectFolder}${mutant.file}`) return undefined;
        const source = plant(mutant, readFileSync(path, "utf8"));
        const lastImport = source.lastIndexOf("\nimport ");
        const at = source.indexOf(";\n", lastImport) + 2;
        return { contents: source.slice(0, at) + markerPrelude + source.slice(at), loader: "ts" };
      });
    },
  };
}

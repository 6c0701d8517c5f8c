/** Bundles the master and the agent from the working tree, as images and the published package run them. */

import { cpSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";

const projectFolder = fileURLToPath(new URL("../..", import.meta.url));
const require = createRequire(import.meta.url);

/** Entry points by the name of the bundle. The worker must lie beside those who start it. */
const entryPoints = {
  master: "server/main.ts",
  agent: "agent/main.ts",
  "sqlite-worker": "runtime/store/sqlite-worker.ts",
} as const;

/** Packages that read .proto files from ../../proto, seen from where their code lies, and where that is. */
const protoPackages = { "grpc-health-check": "proto" } as const;

/** Writes lib/bundle/*.mjs, the proto files and the descriptors below `folder`. `plugins` may change sources while they load. */
export async function bundleInto(folder: string, plugins: readonly Plugin[] = []): Promise<void> {
  await build({
    absWorkingDir: projectFolder,
    entryPoints: { ...entryPoints },
    outdir: join(folder, "lib/bundle"),
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    target: "node24",
    format: "esm",
    logLevel: "warning",
    plugins: [...plugins],
    // Packages in CommonJS expect these names; an ES module does not have them.
    banner: {
      js: [
        'import { createRequire as tepuiCreateRequire } from "node:module";',
        "const require = tepuiCreateRequire(import.meta.url);",
        "const __dirname = import.meta.dirname;",
        "const __filename = import.meta.filename;",
      ].join("\n"),
    },
  });
  mkdirSync(join(folder, "proto"), { recursive: true });
  for (const [name, protos] of Object.entries(protoPackages)) {
    cpSync(join(packageFolder(name), protos), join(folder, "proto"), { recursive: true });
  }
  // Reflection serves these; master and agent find them beside their code, as in the working tree.
  const descriptors = "protos/gen/descriptors.binpb";
  mkdirSync(join(folder, "lib/protos/gen"), { recursive: true });
  cpSync(join(projectFolder, descriptors), join(folder, "lib", descriptors));
}

function packageFolder(name: string): string {
  let folder = dirname(require.resolve(name));
  while (!folder.endsWith(join("node_modules", name))) folder = dirname(folder);
  return folder;
}

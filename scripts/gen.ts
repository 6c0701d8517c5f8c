/** Generates protos/gen: the code (see protoc-gen-tepui.ts) and the compiled descriptors, which reflection serves. */

import { execFileSync } from "node:child_process";
import { delimiter, dirname, join } from "node:path";

buf("generate");
buf("build", "-o", join("protos", "gen", "descriptors.binpb"));

function buf(...parameters: readonly string[]): void {
  const program = join("node_modules", "@bufbuild", "buf", "bin", "buf");
  // The plugin is started as `node`, which must be the one that runs this.
  const env = { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env["PATH"] ?? ""}` };
  execFileSync(process.execPath, [program, ...parameters], { stdio: ["ignore", "inherit", "inherit"], env });
}

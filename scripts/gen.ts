/** Generates protos/gen: the code (see protoc-gen-tepui.ts) and the compiled descriptors, which reflection serves. */

import { execFileSync } from "node:child_process";
import { appendFileSync, readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

const descriptors = join("protos", "gen", "descriptors.binpb");
const healthDescriptors = join("protos", "gen", "health.binpb");

buf("generate");
buf("build", "-o", descriptors);
// Every node serves health, too. Descriptor sets one after the other are one set.
buf("build", join("node_modules", "grpc-health-check", "proto"), "-o", healthDescriptors);
appendFileSync(descriptors, readFileSync(healthDescriptors));

function buf(...parameters: readonly string[]): void {
  const program = join("node_modules", "@bufbuild", "buf", "bin", "buf");
  // The plugin is started as `node`, which must be the one that runs this.
  const env = { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env["PATH"] ?? ""}` };
  execFileSync(process.execPath, [program, ...parameters], { stdio: ["ignore", "inherit", "inherit"], env });
}

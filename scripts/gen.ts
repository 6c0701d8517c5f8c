/** Generates protos/gen: code by ts-proto with the presence rules of proto2, the compiled descriptors, and the schema table. */

import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { restorePresenceIn } from "./gen-presence.ts";
import { writeSchema } from "./gen-schema.ts";

const genDir = join("protos", "gen");
const descriptorsJson = join(genDir, "descriptors.json");

buf("generate");
restorePresenceIn({ protosDir: "protos", genDir });
buf("build", "-o", join(genDir, "descriptors.binpb"));
buf("build", "--exclude-source-info", "-o", descriptorsJson);
writeSchema({ descriptorsJson, schemaFile: join(genDir, "schema.ts") });
rmSync(descriptorsJson);

function buf(...parameters: readonly string[]): void {
  const program = join("node_modules", "@bufbuild", "buf", "bin", "buf");
  execFileSync(process.execPath, [program, ...parameters], { stdio: ["ignore", "inherit", "inherit"] });
}

/**
 * The plugin that `buf generate` runs: ts-proto, with its code corrected for the presence rules of proto2 (gen-presence.ts), and
 * schema.ts, the table that the wire check walks (gen-schema.ts). A plugin speaks protobuf on stdin and stdout.
 */

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { CodeGeneratorRequestSchema, CodeGeneratorResponse_FileSchema, CodeGeneratorResponseSchema } from "@bufbuild/protobuf/wkt";
import { restorePresence } from "./gen-presence.ts";
import { writeSchema } from "./gen-schema.ts";

const input = readFileSync(0);
const tsProto = join("node_modules", "ts-proto", "protoc-gen-ts_proto");
const outputMaxBytes = 256 * 1024 * 1024;
const run = spawnSync(process.execPath, [tsProto], { input, maxBuffer: outputMaxBytes, stdio: ["pipe", "pipe", "inherit"] });
if (run.status !== 0) {
  console.error(`ts-proto failed: ${run.error?.message ?? `exit code ${run.status}`}`);
  process.exit(1);
}

const request = fromBinary(CodeGeneratorRequestSchema, input);
const response = fromBinary(CodeGeneratorResponseSchema, run.stdout);
const proto2Files = new Set(request.protoFile.filter((file) => file.syntax === "" || file.syntax === "proto2").map((file) => file.name));
for (const file of response.file) {
  if (proto2Files.has(file.name.replace(/\.ts$/, ".proto"))) file.content = restorePresence(file.content);
}
response.file.push(create(CodeGeneratorResponse_FileSchema, { name: "schema.ts", content: writeSchema(request.protoFile) }));
process.stdout.write(toBinary(CodeGeneratorResponseSchema, response));

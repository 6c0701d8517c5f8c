#!/usr/bin/env node
// `tepui` for a shell, after `npm link`: the same as `npm run tepui --`, from any folder. Plain JavaScript, as setup.mjs is, because
// any Node may start it.
import { fileURLToPath } from "node:url";

process.argv.splice(2, 0, fileURLToPath(new URL("../cli/main.ts", import.meta.url)));
await import("./setup.mjs");

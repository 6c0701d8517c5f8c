import { describeBatch } from "./batch-behaviour.ts";

describeBatch("TypeScript", [process.execPath, "examples/typescript/batch.ts"]);

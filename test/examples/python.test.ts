import { describeBatch } from "./batch-behaviour.ts";

describeBatch("Python", ["examples/python/run.sh"]);

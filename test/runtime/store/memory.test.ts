/** The memory store keeps the contract of stores. */

import { describe } from "mocha";

import { createMemoryStore } from "../../../runtime/store/memory.ts";
import { storeContract } from "../../contracts/store.ts";

describe("memory store", () => {
  storeContract(async () => createMemoryStore());
});

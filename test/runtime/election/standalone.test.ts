/** The standalone election keeps the contract of elections. */

import { describe } from "mocha";

import { createStandaloneElection } from "../../../runtime/election/standalone.ts";
import { electionContract } from "../../contracts/election.ts";

describe("standalone election", () => {
  electionContract(createStandaloneElection);
});

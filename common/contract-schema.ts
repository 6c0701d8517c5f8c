/** The contract's schema, linked once: what the master and the agent hold received bytes against. */

import { enumRows, messageRows } from "../protos/gen/schema.ts";
import { createWireSchema } from "./wire-schema.ts";

export const schema = createWireSchema({ messageRows, enumRows });

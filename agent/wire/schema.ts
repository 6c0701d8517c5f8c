/** The contract's schema, linked once. */

import { createWireSchema } from "../../common/wire-schema.ts";
import { enumRows, messageRows } from "../../protos/gen/schema.ts";

export const schema = createWireSchema({ messageRows, enumRows });

/** SUBSCRIBE: a framework comes, or comes again; beside a stream that is open it takes over from itself. */

import fc from "fast-check";
import { type CommandKind, position } from "../command.ts";

export interface SubscribeStep {
  readonly kind: "subscribe";
  readonly framework: number;
  /** Also when a stream is open: the master must close that one. */
  readonly evenIfSubscribed: boolean;
}

export const subscribe: CommandKind<SubscribeStep> = {
  arbitrary: fc.record({ kind: fc.constant("subscribe"), framework: position, evenIfSubscribed: fc.boolean() }),
  check(world, step) {
    const framework = world.framework(step.framework);
    // Beside an unanswered first subscription, which has no id yet, it would be a second framework.
    return !framework.isSubscribing && (step.evenIfSubscribed || !framework.isSubscribed);
  },
  run(world, step) {
    world.replaceEnded(step.framework);
    world.framework(step.framework).subscribe();
  },
};

/** What the exit code of `tepui` says. `verify` keeps the codes of the harness, and `run` those of its task. */

export const exitCode = {
  done: 0,
  /** The master said no, there is no such thing, or a condition was not met in time. Nothing was changed. */
  refused: 1,
  /** The command line is wrong; nothing was asked. */
  usage: 2,
  /** Nobody answered: what a question asked is not known, and an order may have taken effect. */
  unanswered: 3,
} as const;

export const exitCodesHelp = `
Exit codes:
  0  done
  1  refused, not found, or not so in time: nothing was changed
  2  the command line is wrong: nothing was asked
  3  no answer: an order may have taken effect, look before you give it again`;

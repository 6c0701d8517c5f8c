/** `tepui cluster events`: what changes, as it changes, across failovers of the master. */

import { setTimeout as sleep } from "node:timers/promises";
import { Command } from "commander";
import { CallError } from "../client/call-error.ts";
import { OperatorClient } from "../client/operator-client.ts";
import { printable } from "../common/format-table.ts";
import { Event, Event_Type } from "../protos/gen/mesos/v1/master/master.ts";
import { eventText } from "./event-text.ts";
import { withExamples } from "./examples.ts";
import { type OperatorOptions, tellFailure, withOperatorOptions } from "./operator-command.ts";
import { printJson } from "./print.ts";
import { paint } from "./terminal.ts";

/** A failover takes about as long; who asks more often only disturbs it. */
const retryMs = 1_000;

export function eventsCommand(): Command {
  const command = withOperatorOptions(new Command("events").description("Tells what changes: agents, frameworks and tasks, until Ctrl-C."));
  command.addHelpText("after", "\nWhen the leader is gone it goes on with the next one, and begins with the state again.");
  return withExamples(command.action(events), ["cluster events", "cluster events --json"]);
}

async function events(options: OperatorOptions): Promise<void> {
  using operator = new OperatorClient({ masters: options.master });
  await tellFailure(options, async () => {
    for (let hasHeard = false; ; await sleep(retryMs)) {
      try {
        for await (const event of operator.events()) {
          hasHeard = true;
          tell(event, options);
        }
        console.error("the master ended the stream; asking for it again");
      } catch (error) {
        // Before the first event it is a mistake of the command line, or there is no cluster; later it is a failover.
        if (!(error instanceof CallError) || !hasHeard) throw error;
        console.error(`${error.message}; asking again`);
      }
    }
  });
}

function tell(event: Event, { json }: OperatorOptions): void {
  if (event.type === Event_Type.HEARTBEAT) return;
  if (json === true) {
    printJson(Event.toJSON(event));
    return;
  }
  const text = eventText(event);
  if (text !== undefined) console.log(`${paint("dim", `${new Date().toISOString().slice(11, 19)}Z`)}  ${printable(text)}`);
}

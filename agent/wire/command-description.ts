/** Reads how to run a command from a CommandInfo that is known to keep the rules (common/command-rules.ts). */

import type { CommandInfo } from "../../protos/gen/mesos/v1/mesos.ts";
import type { CommandDescription } from "../core/command-description.ts";

export function toCommand(command: CommandInfo | undefined): CommandDescription {
  const shell = command?.shell ?? true;
  return {
    shell,
    value: command?.value ?? "",
    // The shell form has no arguments of its own; the reference ignores them, too.
    arguments: shell ? [] : (command?.arguments ?? []),
    environment: (command?.environment?.variables ?? []).map((variable) => [variable.name, variable.value ?? ""] as const),
    uris: (command?.uris ?? []).map((uri) => ({
      value: uri.value,
      executable: uri.executable ?? false,
      extract: uri.extract ?? true,
      cache: uri.cache ?? false,
      outputFile: uri.outputFile,
    })),
    user: command?.user,
  };
}

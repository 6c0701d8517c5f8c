/**
 * The scripts of `tepui completion`, made from the commands themselves. All three do the same: walk from the first word to the command
 * that the line is in, then offer the words that may follow there. Only ids cost a call to the cluster.
 */

import type { Command, Option } from "commander";

export const shells = ["bash", "zsh", "fish"] as const;

export type Shell = (typeof shells)[number];

export const completionScripts = { bash: writeBash, zsh: writeZsh, fish: writeFish } as const satisfies Record<
  Shell,
  (program: Command) => string
>;

/** One place of the command line, and what may follow. */
interface Place {
  /** "tepui agent drain". */
  readonly at: string;
  readonly words: readonly Word[];
  /** "agent-id": the words are the ids of these. */
  readonly ids: string | undefined;
  /** Flags that want a value, and the values if they are known. */
  readonly values: readonly { readonly flag: string; readonly choices: readonly string[]; readonly ids: string | undefined }[];
}

interface Word {
  readonly word: string;
  readonly description: string;
}

const idNames: readonly string[] = ["agent-id", "framework-id", "task-id"];

function placesOf(command: Command, at = command.name()): Place[] {
  const visible = command.commands.filter((child) => !isHidden(child));
  const options = command.createHelp().visibleOptions(command);
  const flags = options.flatMap((option) => (option.long == null ? [] : [{ word: option.long, description: option.description }]));
  const verbs = visible.map((child) => ({ word: child.name(), description: child.description() }));
  const [argument] = command.registeredArguments;
  const choices = (argument?.argChoices ?? []).map((word) => ({ word, description: argument?.description ?? "" }));
  const place: Place = {
    at,
    words: [...verbs, ...choices, ...flags],
    ids: idNames.find((name) => name === argument?.name()),
    values: options.filter(takesValue).map((option) => ({
      flag: option.long ?? "",
      choices: option.argChoices ?? [],
      ids: idNames.find((name) => option.flags.includes(`<${name}>`)),
    })),
  };
  return [place, ...visible.flatMap((child) => placesOf(child, `${at} ${child.name()}`))];
}

function takesValue(option: Option): boolean {
  return option.required || option.optional;
}

/** As `createHelp` has it, which does not say it of one command. */
function isHidden(command: Command): boolean {
  const siblings = command.parent === null ? [] : command.createHelp().visibleCommands(command.parent);
  return !siblings.includes(command);
}

function writeBash(program: Command): string {
  return `# tepui for bash: source <(tepui completion bash)
_tepui() {
  local current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" at=tepui words="" index
  for ((index = 1; index < COMP_CWORD; index++)); do
    case "$at \${COMP_WORDS[index]}" in
      ${placesOf(program)
        .slice(1)
        .map(({ at }) => `"${at}"`)
        .join("|")}) at+=" \${COMP_WORDS[index]}" ;;
    esac
  done
  case "$at $before" in
${valueCases(program, (words) => `COMPREPLY=($(compgen -W "${words}" -- "$current")); return`)}
  esac
  case "$at" in
${wordCases(program)}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _tepui tepui
`;
}

function writeZsh(program: Command): string {
  return `#compdef tepui
# tepui for zsh: source <(tepui completion zsh)
_tepui() {
  local before="\${words[CURRENT-1]}" at=tepui reply="" index
  for ((index = 2; index < CURRENT; index++)); do
    case "$at \${words[index]}" in
      ${placesOf(program)
        .slice(1)
        .map(({ at }) => `"${at}"`)
        .join("|")}) at+=" \${words[index]}" ;;
    esac
  done
  case "$at $before" in
${valueCases(program, (words) => `compadd -- \${=:-"${words}"}; return`)}
  esac
  case "$at" in
${wordCases(program).replaceAll("words=", "reply=")}
  esac
  compadd -- \${=reply}
}
compdef _tepui tepui
`;
}

const askIds = (name: string): string => `$(tepui ids ${name} 2>/dev/null)`;

function valueCases(program: Command, reply: (words: string) => string): string {
  const cases = placesOf(program).flatMap(({ at, values }) =>
    values.map(({ flag, choices, ids }) => `    "${at} ${flag}") ${reply(ids === undefined ? choices.join(" ") : askIds(ids))} ;;`),
  );
  return cases.join("\n");
}

function wordCases(program: Command): string {
  const cases = placesOf(program).map(({ at, words, ids }) => {
    const list = [...(ids === undefined ? [] : [askIds(ids)]), ...words.map(({ word }) => word)].join(" ");
    return `    "${at}") words="${list}" ;;`;
  });
  return cases.join("\n");
}

function writeFish(program: Command): string {
  const places = placesOf(program);
  const lines = places.flatMap(({ at, words, ids, values }) => [
    ...words.map(({ word, description }) => `complete -c tepui -f -n "__tepui_at '${at}'" -a ${quote(word)} -d ${quote(description)}`),
    ...(ids === undefined ? [] : [`complete -c tepui -f -n "__tepui_at '${at}'" -a "(tepui ids ${ids} 2>/dev/null)"`]),
    ...values.flatMap(({ flag, choices, ids: name }) => {
      const list = name === undefined ? quote(choices.join(" ")) : `"(tepui ids ${name} 2>/dev/null)"`;
      return choices.length === 0 && name === undefined ? [] : [`complete -c tepui -f -n "__tepui_value '${at}' ${flag}" -a ${list}`];
    }),
  ]);
  return `# tepui for fish: tepui completion fish | source
function __tepui_place
  set -l at tepui
  for word in (commandline -opc)[2..-1]
    switch "$at $word"
      case ${places
        .slice(1)
        .map(({ at }) => `'${at}'`)
        .join(" ")}
        set at "$at $word"
    end
  end
  echo $at
end
function __tepui_at
  test (__tepui_place) = $argv[1]
end
function __tepui_value
  test (__tepui_place) = $argv[1]; and test (commandline -opc)[-1] = $argv[2]
end
complete -c tepui -f
${lines.join("\n")}
`;
}

function quote(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

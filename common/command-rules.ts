/**
 * What a CommandInfo must keep, whoever sends it: the master answers a task that breaks it with TASK_ERROR, and the agent, which may
 * have an older master, checks it once more. A problem names the field, the rule and the value: "command.user must not be empty".
 */

import type {
  CommandInfo,
  CommandInfo_URI,
  Environment,
  Environment_Variable,
  Environment_Variable_Type,
} from "../protos/gen/mesos/v1/mesos.ts";

/** Files that one command may ask for. They are fetched one after the other, and more belong into an archive. */
export const urisMax = 100;

/** Longer addresses are refused by most servers. */
const uriLengthMax = 8_192;

/** PATH_MAX of Linux, with room for the sandbox in front. */
const outputFileLengthMax = 2_048;

const unknownType: typeof Environment_Variable_Type.UNKNOWN = 0;
const secretType: typeof Environment_Variable_Type.SECRET = 2;

/** The first rule that the command breaks. */
export function findCommandProblem(command: CommandInfo): string | undefined {
  if (command.value === undefined || command.value === "") return "command.value must not be empty";
  if (hasNul(command.value)) return "command.value must not contain U+0000";
  const badArgument = command.arguments.findIndex(hasNul);
  if (badArgument >= 0) return `command.arguments[${badArgument}] must not contain U+0000`;
  if (command.user !== undefined) {
    const problem = findUserNameProblem(command.user);
    if (problem !== undefined) return `command.user ${problem}`;
  }
  if (command.uris.length > urisMax) return `command.uris must have at most ${urisMax} entries, has ${command.uris.length}`;
  for (const [index, uri] of command.uris.entries()) {
    const problem = findUriProblem(uri);
    if (problem !== undefined) return `command.uris[${index}]${problem}`;
  }
  return findEnvironmentProblem(command.environment);
}

/** The first rule that a variable breaks; a check of its own because the reference makes it earlier than the others. */
export function findEnvironmentProblem(environment: Environment | undefined): string | undefined {
  for (const [index, variable] of (environment?.variables ?? []).entries()) {
    const problem = findVariableProblem(variable);
    if (problem !== undefined) return `command.environment.variables[${index}]${problem}`;
  }
  return undefined;
}

/** The rule that a name of a user breaks: what could not stand in /etc/passwd, or would be taken for an option. */
export function findUserNameProblem(name: string): string | undefined {
  if (name === "") return "must not be empty";
  return /^-|[\s:/\0]/.test(name) ? `must be the name of a user, is ${JSON.stringify(name)}` : undefined;
}

function findUriProblem({ value, outputFile }: CommandInfo_URI): string | undefined {
  if (value === "") return ".value must not be empty";
  if (value.length > uriLengthMax) return `.value must have at most ${uriLengthMax} characters, has ${value.length}`;
  if (hasControl(value)) return `.value must not contain control characters, is ${JSON.stringify(value)}`;
  return outputFile === undefined ? undefined : findOutputFileProblem(outputFile);
}

function findOutputFileProblem(path: string): string | undefined {
  const is = `is ${JSON.stringify(path)}`;
  if (path === "") return ".output_file must not be empty";
  if (path.length > outputFileLengthMax) return `.output_file must have at most ${outputFileLengthMax} characters, has ${path.length}`;
  if (hasControl(path)) return `.output_file must not contain control characters, ${is}`;
  if (path.startsWith("/")) return `.output_file must be relative to the sandbox, ${is}`;
  const parts = path.split("/");
  if (parts.includes("..")) return `.output_file must not contain "..", ${is}`;
  const last = parts.at(-1);
  return last === "" || last === "." ? `.output_file must name a file, ${is}` : undefined;
}

function findVariableProblem({ name, type, value, secret }: Environment_Variable): string | undefined {
  if (name === "") return ".name must not be empty";
  if (name.includes("=") || hasNul(name)) return '.name must not contain "=" or U+0000';
  if (type === unknownType) return ".type must be VALUE or SECRET, is UNKNOWN";
  if (type === secretType) return ".type must be VALUE, is SECRET: no agent resolves secrets";
  if (secret !== undefined) return ".secret must not be set for the type VALUE";
  if (value === undefined) return ".value must be set";
  return hasNul(value) ? ".value must not contain U+0000" : undefined;
}

/** Programs are given their texts as C strings, which end there. */
function hasNul(text: string): boolean {
  return text.includes("\0");
}

function hasControl(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x20 || code === 0x7f) return true;
  }
  return false;
}

/**
 * Attributes of an agent, as an operator writes them: `rack:r12;zone:{a,b};slots:[1-4];weight:1.5`. They only describe;
 * nothing is accounted.
 */

import type { Attribute as MesosAttribute, Value_Type } from "../protos/gen/mesos/v1/mesos.ts";
import { readValue, writeValue } from "./mesos-resources.ts";
import { type Result, refuse, succeed } from "./result.ts";
import { parseValue, splitPairs } from "./value-text.ts";
import type { Value } from "./values.ts";

export interface Attribute {
  readonly name: string;
  readonly value: Value | { readonly kind: "text"; readonly text: string };
}

/** Every offer carries all of them. */
export const attributesMax = 1_000;

/** Reads the flag's text. What is no number, ranges or set is a text. The refusal gives the reason only; the caller names the flag. */
export function parseAttributes(text: string): Result<readonly Attribute[]> {
  const pairs = splitPairs(text);
  if (!pairs.ok) return pairs;
  if (pairs.value.length > attributesMax) {
    return refuse("INVALID_ARGUMENT", `must have at most ${attributesMax} entries, has ${pairs.value.length}`);
  }
  const attributes: Attribute[] = [];
  for (const pair of pairs.value) {
    if (pair.value.length === 0) return refuse("INVALID_ARGUMENT", `${pair.name} must have a value`);
    const value = parseValue(pair.name, pair.value);
    if (value !== undefined && !value.ok) return value;
    attributes.push({ name: pair.name, value: value?.value ?? { kind: "text", text: pair.value } });
  }
  return succeed(attributes);
}

/** As mesos.v1.Attribute. */
export function writeAttributes(attributes: readonly Attribute[]): MesosAttribute[] {
  return attributes.map(({ name, value }) =>
    value.kind === "text" ? { name, type: textType, text: { value: value.text } } : { name, ...writeValue(value) },
  );
}

/** The counterpart of `writeAttributes`; `path` names the list in the refusal. */
export function readAttributes(messages: readonly MesosAttribute[], path: string): Result<readonly Attribute[]> {
  const attributes: Attribute[] = [];
  for (const [index, message] of messages.entries()) {
    const { name, type, text } = message;
    if (type === textType) {
      attributes.push({ name, value: { kind: "text", text: text?.value ?? "" } });
      continue;
    }
    const value = readValue(message, name, `${path}[${index}]`);
    if (!value.ok) return value;
    attributes.push({ name, value: value.value });
  }
  return succeed(attributes);
}

const textType: typeof Value_Type.TEXT = 3;

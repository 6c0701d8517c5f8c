/**
 * Gives the generated code the presence rules of proto2. ts-proto writes proto2 messages as if they were proto3: a field that holds
 * its default is left out, so that other languages refuse a `required` one as missing, and an absent `optional` one reads as its default.
 * After this, required fields are always written, optional ones exactly when they are set, and what is absent reads as undefined.
 */

const literal = String.raw`(?:"[^"]*"|-?\d+n?|true|false|new Uint8Array\(0\))`;

/** The text of a generated file, corrected. */
export function restorePresence(source: string): string {
  const optional = readOptionalProperties(source);
  return source
    .replace(/if \(message\.(\w+) !== undefined && message\.\1(?:\.length)? !== [^()]+(?:\(0\))?\) \{/g, "if (message.$1 !== undefined) {")
    .replace(new RegExp(String.raw`if \(message\.(\w+)(?:\.length)? !== ${literal}\) \{`, "g"), "if (message.$1 !== undefined) {")
    .replace(/function createBase(\w+)\(\): \w+ \{\n[\s\S]*?\n\}/g, (body, name: string) =>
      body.replace(new RegExp(String.raw`\b(\w+): ${literal}`, "g"), (field, property: string) =>
        optional.has(`${name}.${property}`) ? `${property}: undefined` : field,
      ),
    )
    .replace(/export const (\w+): MessageFns<\1> = \{\n[\s\S]*?\n\};/g, (body, name: string) => restoreReaders(body, name, optional));
}

/** `fromJSON` and `fromPartial` of one message. */
function restoreReaders(body: string, name: string, optional: ReadonlySet<string>): string {
  const fromJson = new RegExp(String.raw`\b(\w+)(: isSet\(object\.\w+\)\s*\?[^?]*?\s: )${literal}(?=,|\s*\})`, "g");
  const fromPartial = new RegExp(String.raw`message\.(\w+) = object\.\1 \?\? ${literal};`, "g");
  const bigFromPartial = /message\.(\w+) =(\s*\(object\.\1 !== undefined && object\.\1 !== null\)\s*\? BigInt\(object\.\1\)\s*): 0n;/g;
  return body
    .replace(bigFromPartial, (text, property: string, middle: string) =>
      optional.has(`${name}.${property}`) ? `message.${property} =${middle}: undefined;` : text,
    )
    .replace(fromJson, (text, property: string, middle: string) =>
      optional.has(`${name}.${property}`) ? `${property}${middle}undefined` : text,
    )
    .replace(fromPartial, (text, property: string) =>
      optional.has(`${name}.${property}`) ? `message.${property} = object.${property} ?? undefined;` : text,
    );
}

/** Names of the optional properties, as `Message.property`; ts-proto marks them in the interfaces. */
function readOptionalProperties(source: string): ReadonlySet<string> {
  const names = new Set<string>();
  for (const [, name, body] of source.matchAll(/export interface (\w+) \{\n([\s\S]*?)\n\}/g)) {
    for (const [, property] of (body ?? "").matchAll(/^ {2}(\w+)\?:/gm)) names.add(`${name}.${property}`);
  }
  return names;
}

/** Text of a peer's choice within a message of ours, cut to a length that people still read. */

/** Ids, roles and names that people choose are shorter. */
const excerptMaxLength = 64;

/** The text as it is, or its beginning and its length in UTF-16 code units. */
export function excerpt(text: string): string {
  if (text.length <= excerptMaxLength) return text;
  // Half of a surrogate pair is no text.
  const beginning = text.slice(0, excerptMaxLength).replace(/[\ud800-\udbff]$/, "");
  return `${beginning}... (${text.length} characters)`;
}

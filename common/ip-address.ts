/** IP addresses as text: one spelling for each address, so that two spellings of one can be compared. */

/** The address as RFC 5952 writes it; an IPv4 address inside IPv6 becomes IPv4. Undefined when `text` is no address. */
export function canonicalIp(text: string): string | undefined {
  if (!text.includes(":")) return readIpv4(text)?.join(".");
  const groups = readIpv6(text);
  return groups === undefined ? undefined : formatIpv6(groups);
}

/** The address of "10.0.0.1:5051", "[::1]:5051" or "::1:5051", as transports name their peers. */
export function ipOfPeer(peer: string): string | undefined {
  const host = peer.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
  return canonicalIp(host.replace(/%.*$/, ""));
}

function readIpv4(text: string): number[] | undefined {
  // A leading zero is octal to some and decimal to others, so it is no address.
  if (!/^(0|[1-9]\d{0,2})(\.(0|[1-9]\d{0,2})){3}$/.test(text)) return undefined;
  const bytes = text.split(".").map(Number);
  return bytes.some((byte) => byte > 255) ? undefined : bytes;
}

const groupCount = 8;

function readIpv6(text: string): number[] | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half, index) => readGroups(half, index === halves.length - 1));
  if (head === undefined) return undefined;
  if (halves.length === 1) return head.length === groupCount ? head : undefined;
  if (tail === undefined || head.length + tail.length >= groupCount) return undefined;
  return [...head, ...new Array<number>(groupCount - head.length - tail.length).fill(0), ...tail];
}

/** `isLast`: only there the last 32 bits may be written as IPv4. */
function readGroups(half: string, isLast: boolean): number[] | undefined {
  if (half === "") return [];
  const parts = half.split(":");
  const groups: number[] = [];
  for (const [index, part] of parts.entries()) {
    const bytes = isLast && index === parts.length - 1 ? readIpv4(part) : undefined;
    if (bytes !== undefined) {
      const [first = 0, second = 0, third = 0, fourth = 0] = bytes;
      groups.push(first * 256 + second, third * 256 + fourth);
    } else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}

function formatIpv6(groups: readonly number[]): string {
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (isMapped)
    return groups
      .slice(6)
      .flatMap((group) => [group >> 8, group & 255])
      .join(".");
  const { start, length } = longestZeros(groups);
  const format = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(":");
  return length < 2 ? format(groups) : `${format(groups.slice(0, start))}::${format(groups.slice(start + length))}`;
}

function longestZeros(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (const [index, group] of groups.entries()) {
    if (group !== 0) start = index + 1;
    else if (index + 1 - start > best.length) best = { start, length: index + 1 - start };
  }
  return best;
}

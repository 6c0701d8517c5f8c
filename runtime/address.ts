/** Hosts and ports as text, and what is said when one cannot be listened on. */

/** "127.0.0.1:6050", "[::1]:6050", "example.org:6050". */
export function formatAddress(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The parts of such a text, the host without brackets; undefined when it is none, as when it has no port. */
export function parseAddress(text: string): { readonly host: string; readonly port: number } | undefined {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:\s]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  return host !== undefined && port >= 1 && port <= 65_535 ? { host, port } : undefined;
}

/** A port that cannot be had; the message names the flag that asked for it. */
export class ListenError extends Error {
  override readonly name = "ListenError";
}

export interface ListenRequest {
  readonly host: string;
  /** 0 lets the operating system choose. */
  readonly port: number;
  /** The flag that an operator would change: "--port". */
  readonly flag: string;
}

export function toListenError({ host, port, flag }: ListenRequest, cause: Error): ListenError {
  const reason = cause.message.includes("EADDRINUSE") ? "another process listens there" : cause.message;
  return new ListenError(`${flag} ${port}: cannot listen on ${formatAddress(host, port)}: ${reason}`, { cause });
}

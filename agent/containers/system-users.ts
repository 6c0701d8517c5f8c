/** The users of this machine, by name: from /etc/passwd, and from whatever directory the system asks where that does not have them. */

import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";

export interface SystemUser {
  readonly name: string;
  readonly uid: number;
  /** Of the user's own group; the system knows the others. */
  readonly gid: number;
}

/** A directory on another machine that does not answer must not hold a launch for ever. */
const directoryTimeoutMs = 10_000;

/** Undefined when the machine knows nobody of that name. */
export async function findUser(name: string): Promise<SystemUser | undefined> {
  return readEntry(name, await readFile("/etc/passwd", "utf8")) ?? readEntry(name, await askDirectory(name));
}

/** `text` is lines such as "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin". */
function readEntry(name: string, text: string): SystemUser | undefined {
  for (const line of text.split("\n")) {
    const [found, , uid, gid] = line.split(":");
    if (found === name && isId(uid) && isId(gid)) return { name, uid: Number(uid), gid: Number(gid) };
  }
  return undefined;
}

function isId(text: string | undefined): text is string {
  return text !== undefined && /^\d{1,10}$/.test(text);
}

/** Nothing where there is no `getent`, as on some small systems, or no such user. */
function askDirectory(name: string): Promise<string> {
  return new Promise((resolve) => {
    execFile("getent", ["passwd", "--", name], { timeout: directoryTimeoutMs }, (error, output) => resolve(error === null ? output : ""));
  });
}

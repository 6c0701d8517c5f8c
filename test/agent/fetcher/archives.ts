/** Archives for tests, well-behaved and hostile: made of bytes, so that a member may be what no tool would write. */

import { crc32 } from "node:zlib";
import { Header } from "tar";

const blockBytes = 512;

export interface TarMember {
  readonly path: string;
  readonly type?: "File" | "Directory" | "SymbolicLink" | "Link" | "CharacterDevice" | "FIFO";
  readonly content?: string;
  readonly mode?: number;
  readonly linkpath?: string;
}

export function tarOf(members: readonly TarMember[]): Buffer {
  const blocks = members.flatMap(({ path, type = "File", content = "", mode = 0o644, linkpath }) => {
    const data = Buffer.from(content);
    const header = new Header({ path, type, mode, size: data.length, mtime: new Date(1_000_000_000_000), ...(linkpath && { linkpath }) });
    header.encode();
    const padding = Buffer.alloc((blockBytes - (data.length % blockBytes)) % blockBytes);
    return header.block === undefined ? [] : [header.block, data, padding];
  });
  return Buffer.concat([...blocks, Buffer.alloc(2 * blockBytes)]);
}

export interface ZipMember {
  readonly path: string;
  readonly content?: string;
  /** With the kind of file, as Unix has it. */
  readonly mode?: number;
}

/** Without compression. */
export function zipOf(members: readonly ZipMember[]): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { path, content = "", mode = 0o100644 } of members) {
    const [name, data] = [Buffer.from(path), Buffer.from(content)];
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(20, 4);
    local.writeUInt32LE(crc32(data), 14);
    local.writeUInt32LE(data.length, 18);
    local.writeUInt32LE(data.length, 22);
    local.writeUInt16LE(name.length, 26);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE((3 << 8) | 20, 4);
    local.copy(central, 6, 4, 30);
    central.writeUInt32LE((mode << 16) >>> 0, 38);
    central.writeUInt32LE(offset, 42);
    locals.push(local, name, data);
    directory.push(central, name);
    offset += local.length + name.length + data.length;
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(members.length, 8);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, ...directory, end]);
}

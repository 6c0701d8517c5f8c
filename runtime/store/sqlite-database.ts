/**
 * The synchronous half of the SQLite store: one file, held exclusively, every commit flushed to the disk. It runs in a
 * worker thread (sqlite-worker.ts), because a flush takes milliseconds.
 */

import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

import { type StoreChange, type StoreContents, StoreError, type StoreFormat, type WriteOutcome } from "./store.ts";

/** Primary SQLite result codes that operators can do something about; sqlite3.h. */
const sqliteBusy = 5;
const sqliteFull = 13;

export interface SqliteDatabase {
  read(): StoreContents;
  write(expectedVersion: number, changes: readonly StoreChange[]): WriteOutcome;
  close(): void;
}

/** Throws StoreError when the file is in use, is of another kind or newer, or cannot be opened. */
export function openSqliteDatabase(path: string, format: StoreFormat): SqliteDatabase {
  const database = openLocked(path);
  const pidPath = `${path}.pid`;
  try {
    prepareSchema(database, path, format);
    writeFileSync(pidPath, `${process.pid}\n`);
  } catch (error) {
    database.close();
    throw toStoreError(error, path);
  }
  const selectVersion = database.prepare("SELECT value FROM meta WHERE name = 'version'");
  const updateVersion = database.prepare("UPDATE meta SET value = ? WHERE name = 'version'");
  const put = database.prepare("INSERT INTO entries (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value");
  const remove = database.prepare("DELETE FROM entries WHERE key = ?");
  const selectEntries = database.prepare("SELECT key, value FROM entries ORDER BY key");

  const readVersion = (): number => Number(selectVersion.get()?.["value"]);

  function read(): StoreContents {
    const entries = new Map<string, Uint8Array>();
    for (const row of selectEntries.iterate()) entries.set(String(row["key"]), row["value"] as Uint8Array);
    return { version: readVersion(), entries };
  }

  function write(expectedVersion: number, changes: readonly StoreChange[]): WriteOutcome {
    const version = readVersion();
    if (version !== expectedVersion) return { kind: "conflict", version };
    try {
      database.exec("BEGIN IMMEDIATE");
      for (const change of changes) {
        if (change.kind === "put") put.run(change.key, change.value);
        else remove.run(change.key);
      }
      updateVersion.run(version + 1);
      database.exec("COMMIT");
    } catch (error) {
      if (database.isTransaction) database.exec("ROLLBACK");
      throw toStoreError(error, path);
    }
    return { kind: "written", version: version + 1 };
  }

  function close(): void {
    rmSync(pidPath, { force: true });
    database.close();
  }

  return { read, write, close };
}

/** The lock goes with the process, however it ends. */
function openLocked(path: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { timeout: 0 });
    // Exclusive before WAL: SQLite then needs no shared memory, and a second process cannot open the file at all.
    database.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
    database.exec("BEGIN EXCLUSIVE; COMMIT");
    return database;
  } catch (error) {
    database?.close();
    throw toStoreError(error, path);
  }
}

function prepareSchema(database: DatabaseSync, path: string, format: StoreFormat): void {
  const known = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name = 'meta'").get() !== undefined;
  if (!known) {
    database.exec(`BEGIN;
      CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
      CREATE TABLE entries (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID`);
    const insert = database.prepare("INSERT INTO meta (name, value) VALUES (?, ?)");
    insert.run("format_name", format.name);
    insert.run("format_version", format.version);
    insert.run("version", 0);
    database.exec("COMMIT");
    return;
  }
  const select = database.prepare("SELECT value FROM meta WHERE name = ?");
  const name = select.get("format_name")?.["value"];
  const version = Number(select.get("format_version")?.["value"]);
  if (name !== format.name) throw new StoreError(`${path} holds "${name}", not "${format.name}": give this process another directory`);
  if (version > format.version) {
    const rule = `this one reads up to ${format.version}: upgrade, or start with another directory`;
    throw new StoreError(`${path} has format_version ${version}, written by a newer tepui; ${rule}`);
  }
}

function toStoreError(error: unknown, path: string): StoreError {
  if (error instanceof StoreError) return error;
  const code = resultCode(error);
  if (code === sqliteBusy)
    return new StoreError(`${path} is in use by ${holderOf(path)}: one process at a time may use it`, { cause: error });
  if (code === sqliteFull) return new StoreError(`${path} cannot grow, the disk is full: nothing was written`, { cause: error });
  return new StoreError(`${path}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
}

/** The primary code is the low byte of SQLite's extended one. */
function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return undefined;
  return error.errcode & 0xff;
}

function holderOf(path: string): string {
  try {
    return `process ${readFileSync(`${path}.pid`, "utf8").trim()}`;
  } catch {
    return "another process";
  }
}

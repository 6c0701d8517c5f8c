/** What runs in a container, for tasks and executors alike: a command with its files and its user, and the volumes that it sees. */

/** How to run a command; decoded from a CommandInfo. */
export interface CommandDescription {
  /** True: `value` goes to /bin/sh -c. False: `value` is the program and `arguments` its argv, argv[0] included. */
  readonly shell: boolean;
  readonly value: string;
  readonly arguments: readonly string[];
  readonly environment: readonly (readonly [name: string, value: string])[];
  /** Fetched into the sandbox, in this order, before the command starts. */
  readonly uris: readonly CommandUri[];
  /** As whom it runs; undefined leaves that to the framework's user. */
  readonly user: string | undefined;
}

/** A file that a command needs. */
export interface CommandUri {
  /** `http://`, `https://`, `file://` or an absolute path. */
  readonly value: string;
  /** Makes the file executable, which also means that it is no archive. */
  readonly executable: boolean;
  /** Unpacks it into the sandbox when its name says that it is an archive. */
  readonly extract: boolean;
  /** The agent keeps the file for the next command of the same user. */
  readonly cache: boolean;
  /** Its path in the sandbox; undefined for the last part of the URI. */
  readonly outputFile: string | undefined;
}

/** A persistent volume on an agent. */
export interface VolumeKey {
  readonly role: string;
  readonly id: string;
  /** Of the disk that it is on, where that is one of its own; absent for the disk of the work directory. */
  readonly root?: string;
}

/** Where in the sandbox a task sees a volume. */
export interface TaskVolume extends VolumeKey {
  readonly containerPath: string;
  /** Tasks of several users may have it at once. */
  readonly isShared: boolean;
}

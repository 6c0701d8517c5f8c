/** What runs in a container, for tasks and executors alike: a command, and the volumes that it sees. */

/** How to run a command; decoded from a CommandInfo. */
export interface CommandDescription {
  /** True: `value` goes to /bin/sh -c. False: `value` is the program and `arguments` its argv, argv[0] included. */
  readonly shell: boolean;
  readonly value: string;
  readonly arguments: readonly string[];
  readonly environment: readonly (readonly [name: string, value: string])[];
}

/** A persistent volume on an agent. */
export interface VolumeKey {
  readonly role: string;
  readonly id: string;
}

/** Where in the sandbox a task sees a volume. */
export interface TaskVolume extends VolumeKey {
  readonly containerPath: string;
}

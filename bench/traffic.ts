/** The messages between a master and one of its peers: how many, and the sizes of those that it got, for the floor to send again. */

export class Traffic {
  readonly sizes: number[] = [];
  #fromMasterCount = 0;

  toMaster(bytes: number): void {
    this.sizes.push(bytes);
  }

  fromMaster(): void {
    this.#fromMasterCount += 1;
  }

  /** In both directions. */
  get messageCount(): number {
    return this.sizes.length + this.#fromMasterCount;
  }
}

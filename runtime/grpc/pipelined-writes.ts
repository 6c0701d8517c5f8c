/**
 * Lets many messages of a stream leave together. grpc-js hands a stream's next message to HTTP/2 only when the one before has
 * reached the socket: one system call for each. Here a message counts as taken at once, up to a bound, so that those of one
 * turn gather in the HTTP/2 stream, which writes them with one call.
 */

import { ServerInterceptingCall, type ServerInterceptor } from "@grpc/grpc-js";

/**
 * Bytes of one stream that are on their way to the socket. Enough for the events of a busy turn, and little beside what the
 * queue in front of the stream may hold; beyond it messages wait there.
 */
const onTheWayMaxBytes = 256 * 1024;

class PipelinedCall extends ServerInterceptingCall {
  #onTheWayBytes = 0;
  /** Waits until there is room again. At most one: the stream gives no further message meanwhile. */
  #waiting: (() => void) | undefined;

  /** Messages of services that are not ours are objects until they are serialised; there are few, and they wait for each other. */
  override sendMessage(message: unknown, taken: () => void): void {
    if (!(message instanceof Uint8Array)) {
      super.sendMessage(message, taken);
      return;
    }
    const bytes = message.byteLength;
    this.#onTheWayBytes += bytes;
    super.sendMessage(message, () => this.#written(bytes));
    if (this.#onTheWayBytes <= onTheWayMaxBytes) taken();
    else this.#waiting = taken;
  }

  #written(bytes: number): void {
    this.#onTheWayBytes -= bytes;
    if (this.#waiting === undefined || this.#onTheWayBytes > onTheWayMaxBytes) return;
    const taken = this.#waiting;
    this.#waiting = undefined;
    taken();
  }
}

/** For streams of the server; a call with one answer has nothing to gather. */
export const pipelineWrites: ServerInterceptor = (method, call) =>
  method.responseStream ? new PipelinedCall(call) : new ServerInterceptingCall(call);

/** Sessions: a command within a container whose output is the stream of the call, and whose input comes with another call. */

import { assertDefined } from "../../common/assert.ts";
import type { ContainerId } from "../../common/ids.ts";
import type { Refusal } from "../../common/result.ts";
import type { ClientStream, Method, ServerStream, UnaryAnswer } from "../../runtime/grpc/server.ts";
import { endWithStatus, toStatus } from "../../runtime/grpc/status.ts";
import type { TakenInput } from "../containers/nested-containers.ts";
import type { SessionCommand } from "../containers/session-command.ts";
import { encodeHeartbeat, encodeOutput } from "../wire/container-calls.ts";
import { decodeInput } from "../wire/nested-calls.ts";
import { heartbeatMs } from "./attach-output.ts";
import { type FindAccess, prepareLaunch, recovers } from "./nested-access.ts";

/** The command dies with the call. */
export function launchSession(access: FindAccess): Method {
  return {
    kind: "serverStream",
    handle: (stream) => {
      const request = prepareLaunch(access(), "LaunchNestedContainerSession", stream.request);
      if (!request.ok) {
        endWithStatus(stream, request.refusal);
        return;
      }
      let isCancelled = false;
      let command: SessionCommand | undefined;
      stream.on("cancelled", () => {
        isCancelled = true;
        command?.kill();
      });
      void request.value.nested.launchSession(request.value).then((launched) => {
        if (!launched.ok) {
          endWithStatus(stream, launched.refusal);
          return;
        }
        command = launched.value;
        serveSession(stream, command);
        if (isCancelled) command.kill();
      });
    },
  };
}

/** A caller who does not read holds the command up, as a full pipe does everywhere, and nobody else. */
function serveSession(stream: ServerStream, command: SessionCommand): void {
  const { outputs } = command;
  const beat = (): void => void stream.write(encodeHeartbeat(heartbeatMs));
  beat();
  const heartbeat = setInterval(beat, heartbeatMs).unref();
  const ends = outputs.map(([name, output]) => {
    output.on("data", (piece: Buffer) => {
      // Nobody reads any more: what is left must not keep the pipes.
      if (stream.cancelled) return;
      if (!stream.write(encodeOutput(name, piece))) for (const [, other] of outputs) other.pause();
    });
    return new Promise((resolve) => {
      output.on("close", resolve);
    });
  });
  const goOn = (): void => {
    for (const [, output] of outputs) output.resume();
  };
  stream.on("drain", goOn);
  stream.on("cancelled", goOn);
  void Promise.all([command.ended, ...ends]).then(() => {
    clearInterval(heartbeat);
    const { complaint } = command;
    endWithStatus(stream, complaint === "" ? undefined : { code: "FAILED_PRECONDITION", message: complaint.trim() });
  });
}

/** The first message names the session; those after it are its input, of which an empty piece is the end. */
export function attachInput(access: FindAccess): Method {
  return { kind: "clientStream", handle: (stream, answer) => new InputCall(access, stream, answer).begin() };
}

class InputCall {
  readonly #access: FindAccess;
  readonly #stream: ClientStream;
  readonly #answer: UnaryAnswer;
  #taken: TakenInput | undefined;
  #isOver = false;

  constructor(access: FindAccess, stream: ClientStream, answer: UnaryAnswer) {
    this.#access = access;
    this.#stream = stream;
    this.#answer = answer;
  }

  begin(): void {
    this.#stream.on("data", (bytes: Uint8Array) => this.#take(bytes));
    this.#stream.on("cancelled", () => this.#end(undefined));
    this.#stream.on("end", () => {
      if (this.#taken === undefined) this.#refuse("attach_container_input must begin with a message of the type CONTAINER_ID");
      else this.#end(undefined);
    });
  }

  #take(bytes: Uint8Array): void {
    if (this.#isOver) return;
    const message = decodeInput(bytes);
    if (!message.ok) this.#end(message.refusal);
    else if (message.value.kind === "container") this.#attach(message.value.containerId);
    else if (this.#taken === undefined) this.#refuse("attach_container_input must begin with a message of the type CONTAINER_ID");
    else if (message.value.kind === "data") this.#write(message.value.data);
  }

  #attach(containerId: ContainerId): void {
    if (this.#taken !== undefined) {
      this.#refuse("attach_container_input.type must be PROCESS_IO after the first message");
      return;
    }
    const taken = this.#access()?.nested.takeInput(containerId) ?? recovers;
    if (!taken.ok) {
      this.#end(taken.refusal);
      return;
    }
    this.#taken = taken.value;
    // Nobody is left who could read.
    void taken.value.ended.then(() => this.#end(undefined));
  }

  #write(data: Uint8Array): void {
    const { input } = assertDefined(this.#taken, "input");
    if (!input.writable) return;
    if (data.length === 0) input.end();
    else if (!input.write(data)) {
      // The command does not read: nor do we.
      this.#stream.pause();
      input.once("drain", () => this.#stream.resume());
      input.once("close", () => this.#stream.resume());
    }
  }

  #refuse(message: string): void {
    this.#end({ code: "INVALID_ARGUMENT", message });
  }

  #end(refusal: Refusal | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#taken?.giveBack();
    if (refusal === undefined) this.#answer(null, new Uint8Array());
    else this.#answer(toStatus(refusal));
  }
}

/** AttachContainerOutput: what a container writes from now on, as a stream that ends with the container. */

import type { ContainerId } from "../../common/ids.ts";
import type { Refusal, Result } from "../../common/result.ts";
import type { Method, ServerStream } from "../../runtime/grpc/server.ts";
import { endWithStatus } from "../../runtime/grpc/status.ts";
import { OutputFollower, type OutputSource } from "../containers/output-follower.ts";
import { hasCode } from "../containers/sandbox-layout.ts";
import { decodeAttachOutput, encodeHeartbeat, encodeOutput } from "../wire/container-calls.ts";

/** As in the reference. The first one comes at once and says that nothing is missed from there on. */
export const heartbeatMs = 30_000;

/** Each has two files open. */
const followersMax = 256;

export interface AttachOutput {
  readonly method: Method;
  /** For an agent that ends. */
  closeAll(refusal: Refusal): void;
}

/** `find` refuses what is not there. */
export function createAttachOutput(find: (containerId: ContainerId) => Result<OutputSource>, maxFollowers = followersMax): AttachOutput {
  const open = new Map<ServerStream, OutputFollower>();

  function handle(stream: ServerStream): void {
    const containerId = decodeAttachOutput(stream.request);
    const source = containerId.ok ? find(containerId.value) : containerId;
    if (!source.ok) endWithStatus(stream, source.refusal);
    else if (open.size >= maxFollowers) {
      endWithStatus(stream, { code: "RESOURCE_EXHAUSTED", message: `${maxFollowers} outputs are followed, which is the limit` });
    } else follow(stream, source.value);
  }

  function follow(stream: ServerStream, source: OutputSource): void {
    let heartbeat: NodeJS.Timeout | undefined;
    const beat = (): void => void stream.write(encodeHeartbeat(heartbeatMs));
    const follower = new OutputFollower(source, {
      onReady: () => {
        beat();
        heartbeat = setInterval(beat, heartbeatMs).unref();
      },
      onPiece: (name, piece) => stream.write(encodeOutput(name, piece)),
      onEnd: () => endWithStatus(stream, undefined),
    });
    open.set(stream, follower);
    stream.on("drain", () => follower.resume());
    stream.on("cancelled", () => follower.close());
    const done = (refusal: Refusal | undefined): void => {
      clearInterval(heartbeat);
      if (open.delete(stream) && refusal !== undefined) endWithStatus(stream, refusal);
    };
    void follower.run().then(
      () => done(undefined),
      (error: unknown) => {
        if (!(error instanceof Error && "code" in error)) throw error;
        const isGone = hasCode(error, "ENOENT", "ENOTDIR");
        done({ code: isGone ? "NOT_FOUND" : "UNAVAILABLE", message: `the output cannot be read: ${error.message}` });
      },
    );
  }

  return {
    method: { kind: "serverStream", handle },
    closeAll: (refusal) => {
      for (const [stream, follower] of [...open]) {
        open.delete(stream);
        follower.close();
        endWithStatus(stream, refusal);
      }
    },
  };
}

/** What an agent shows of itself: the AgentOperator service, and /metrics and /health over HTTP. */

import { resolve } from "node:path";
import { ExposedFiles } from "../runtime/exposed-files.ts";
import { describeFlags } from "../runtime/flags.ts";
import type { Service } from "../runtime/grpc/server.ts";
import { createPages } from "../runtime/http/pages.ts";
import { createHttpServer, type HttpServer } from "../runtime/http/server.ts";
import type { Logger } from "../runtime/logger.ts";
import { createLoggingLevel } from "../runtime/logging-level.ts";
import { createMetrics } from "../runtime/metrics.ts";
import { createContainerAccess } from "./container-access.ts";
import { addContainerMetrics } from "./container-metrics.ts";
import type { NestingRuntime } from "./containers/nested-containers.ts";
import type { ProcessRuntime } from "./containers/process-runtime.ts";
import { locateSandboxes } from "./containers/sandbox-files.ts";
import { UsageWatch } from "./containers/usage-watch.ts";
import type { AgentCore } from "./core/agent.ts";
import { describeContainers } from "./describe-containers.ts";
import { type AgentFlags, agentFlags } from "./flags.ts";
import { createOperatorService } from "./grpc/operator-service.ts";
import type { OpenSandboxes } from "./open-sandboxes.ts";
import type { AgentSelf } from "./wire/encode.ts";
import { encodeOperatorAnswer } from "./wire/operator.ts";

/** What is known once the agent has recovered. */
export interface Observed {
  readonly core: Pick<AgentCore, "containers" | "agentId" | "answer" | "surroundings">;
  readonly self: AgentSelf;
  readonly containers: NestingRuntime & Pick<ProcessRuntime, "trees" | "diskMeasured">;
  readonly sandboxes: OpenSandboxes;
}

export interface Observation {
  readonly operatorService: Service;
  readonly http: HttpServer;
  start(observed: Observed): void;
  close(): void;
}

export interface ObservationOptions {
  readonly logger: Logger;
  readonly onFatal: (error: unknown) => void;
}

export function createObservation(flags: AgentFlags, { logger, onFatal }: ObservationOptions): Observation {
  const metrics = createMetrics("agent");
  let observed: (Observed & { readonly usage: UsageWatch; readonly files: ExposedFiles }) | undefined;
  const containerAccess = createContainerAccess(flags["switch-user"]);
  const operatorService = createOperatorService({
    flags: describeFlags(agentFlags, flags),
    metrics,
    loggingLevel: createLoggingLevel([logger]),
    files: () => observed?.files,
    containerMethods: containerAccess.methods,
    answer: (question) => {
      const answer = observed?.core.answer(question);
      return observed === undefined || answer === undefined ? undefined : encodeOperatorAnswer(answer, observed.self.info);
    },
    describeContainers: () => {
      if (observed === undefined) return undefined;
      const { core, containers, usage } = observed;
      return describeContainers({ summaries: [...core.containers(), ...containerAccess.nested()], trees: containers.trees(), usage });
    },
  });

  return {
    operatorService,
    http: createHttpServer(createPages(metrics)),
    start: (known) => {
      const usage = new UsageWatch({
        trees: () => known.containers.trees(),
        folders: () => known.sandboxes.sandboxes.folders(),
        diskIntervalMs: flags["container-disk-watch-interval"],
        onMeasured: (containerId, bytes) => known.containers.diskMeasured(containerId, bytes),
        onUnmeasured: (folder, reason) => logger.warn({ folder, reason }, "a sandbox cannot be measured"),
        onFatal,
      });
      const { folder: workDirectory } = known.sandboxes;
      const locate = locateSandboxes({ workDirectory, givenDirectory: resolve(flags["work-dir"]), agentId: known.core.agentId });
      observed = { ...known, usage, files: new ExposedFiles({ locate }) };
      containerAccess.start(known);
      addContainerMetrics(metrics.registry, usage, known.sandboxes);
      usage.start();
    },
    close: () => {
      observed?.usage.close();
      containerAccess.close();
    },
  };
}

/** A real master, an agent's link, and somebody on another link who speaks for the agent. */

import assert from "node:assert/strict";
import { Client, type ClientDuplexStream, credentials, status } from "@grpc/grpc-js";
import { after, before, describe, it } from "mocha";
import { encodeMessage } from "../../common/encode-message.ts";
import { GrpcStrangers } from "../../harness/grpc/grpc-strangers.ts";
import type { ClaimJson } from "../../harness/history/claim-json.ts";
import { encodeClaims } from "../../harness/workload/claim-codec.ts";
import { Response_GetAgents } from "../../protos/gen/mesos/v1/master/master.ts";
import { Resource, Value_Type } from "../../protos/gen/mesos/v1/mesos.ts";
import { AgentMessages, MasterMessages } from "../../protos/gen/tepui/v1/agent_link.ts";
import { MasterProcess } from "./master-process.ts";
import { RawOperator } from "./raw-operator.ts";

const identity = (bytes: Buffer): Buffer => bytes;
const guessed = "0b".repeat(16);

describe("a stranger on the agent link of a real master", function () {
  this.timeout(30_000);
  let master: MasterProcess;
  let client: Client;
  let operator: RawOperator;
  let strangers: GrpcStrangers;
  let link: ClientDuplexStream<Buffer, Buffer>;
  let agentId: string;
  let linkEnd: string | undefined;

  before(async () => {
    master = new MasterProcess(["--registry=memory"]);
    const { address } = await master.leading();
    client = new Client(address, credentials.createInsecure());
    operator = new RawOperator(address);
    strangers = new GrpcStrangers(() => address);
    link = client.makeBidiStreamRequest("/tepui.v1.AgentLink/Connect", identity, identity);
    link.on("error", () => {});
    link.on("status", ({ code, details }) => {
      linkEnd = `${status[code]}: ${details}`;
    });
    const registered = new Promise<string>((resolve) => {
      link.on("data", (bytes: Buffer) => {
        for (const { message } of MasterMessages.decode(bytes).messages)
          if (message?.$case === "registered") resolve(message.registered.agentId?.value ?? "");
      });
    });
    link.write(Buffer.from(encodeMessage(AgentMessages, registration())));
    agentId = await registered;
  });
  after(async () => {
    link.cancel();
    strangers.close();
    operator[Symbol.dispose]();
    client.close();
    await master.end("SIGKILL");
  });

  /** How the master ends the stranger's link, and what it said before. */
  function refusalOf(claims: readonly ClaimJson[]): Promise<string> {
    return new Promise((resolve) => {
      const heard: string[] = [];
      strangers.speak(encodeClaims(agentId, claims), {
        opened: () => undefined,
        received: (bytes) => heard.push(...MasterMessages.decode(bytes).messages.map(({ message }) => message?.$case ?? "nothing")),
        closed: (reason) => resolve([...heard, reason].join(" ")),
      });
    });
  }

  it("S23: neither takes the agent's id over nor says that it leaves, and the agent's own link goes on", async () => {
    const refusal = `PERMISSION_DENIED: credential must be that of agent ${agentId}`;
    assert.equal(await refusalOf([{ kind: "leaving" }, { kind: "unregister", credential: guessed }]), refusal);
    assert.equal(await refusalOf([{ kind: "unregister" }]), refusal);
    assert.equal(await refusalOf([{ kind: "reregister", hostname: "host", credential: guessed }, { kind: "pong" }]), refusal);
    const { agents } = Response_GetAgents.decode(await operator.call("GetAgents"));
    assert.deepEqual(
      agents.map(({ agentInfo, active }) => [agentInfo?.id?.value, active]),
      [[agentId, true]],
    );
    assert.equal(linkEnd, undefined);
  });
});

function registration(): AgentMessages {
  const cpus = Resource.create({ name: "cpus", type: Value_Type.SCALAR, scalar: { value: 4 } });
  const info = { hostname: "host", resources: [cpus], attributes: [] };
  const register = { linkVersion: 1, version: "test", info, credential: new Uint8Array(16).fill(10), capabilities: [] };
  return { messages: [{ message: { $case: "register", register } }] };
}

import assert from "node:assert/strict";
import { once } from "node:events";
import { createConnection, createServer, type Server, type Socket } from "node:net";
import { TcpProxy } from "../../harness/processes/tcp-proxy.ts";

interface Line {
  readonly proxy: TcpProxy;
  readonly client: Socket;
  /** The server's end of the client's connection. */
  readonly served: Socket;
}

async function connect(server: Server): Promise<Line> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const proxy = await TcpProxy.start({ host: "127.0.0.1", port: typeof address === "object" ? (address?.port ?? 0) : 0 });
  const client = createConnection({ host: "127.0.0.1", port: proxy.port });
  const [served] = (await once(server, "connection")) as [Socket];
  for (const socket of [client, served]) socket.on("error", () => undefined);
  client.write("hello");
  await once(served, "data");
  return { proxy, client, served };
}

/** A reset counts as a close, too. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once("close", () => resolve());
  });
}

describe("TcpProxy", () => {
  let server: Server;
  let line: Line;

  beforeEach(async () => {
    server = createServer();
    line = await connect(server);
  });
  afterEach(async () => {
    await line.proxy.stop();
    server.close();
  });

  it("tells the other side when one side closes", async () => {
    line.client.destroy();
    await closed(line.served);
  });

  it("keeps bytes and a close to itself while it holds, and resets both sides at the end", async () => {
    const { proxy, client, served } = line;
    let heard = "nothing";
    served.on("data", () => {
      heard = "bytes";
    });
    served.on("close", () => {
      heard = "a close";
    });
    proxy.hold();
    client.end("more");
    await closed(client);
    assert.equal(heard, "nothing");
    assert.equal(proxy.heldBytes, 4);
    proxy.release();
    await closed(served);
    assert.equal(proxy.heldBytes, undefined);
  });
});

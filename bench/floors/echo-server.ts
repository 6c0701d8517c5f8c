/** The floor of messages: a bare grpc-js server that sends each message back, and does nothing else. */

import { Server, ServerCredentials, type ServerDuplexStream } from "@grpc/grpc-js";

const identity = (bytes: Buffer): Buffer => bytes;

const server = new Server();
const method = { requestStream: true, responseStream: true, requestSerialize: identity, requestDeserialize: identity };
server.addService(
  { Echo: { path: "/bench.Floor/Echo", ...method, responseSerialize: identity, responseDeserialize: identity } },
  {
    Echo: (stream: ServerDuplexStream<Buffer, Buffer>) => {
      stream.on("data", (bytes: Buffer) => stream.write(bytes));
      stream.on("end", () => stream.end());
    },
  },
);
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  console.error(JSON.stringify({ msg: "listening", grpcPort: port }));
});

import assert from "node:assert/strict";
import fc from "fast-check";
import { type Connection, Network } from "../../../harness/sim/network.ts";
import { simDefaults } from "../../../harness/sim/sim-options.ts";
import { Simulator } from "../../../harness/sim/simulator.ts";

interface Ends {
  readonly simulator: Simulator;
  readonly network: Network;
  readonly connection: Connection<number, number>;
  readonly atServer: (number | string)[];
  readonly atClient: (number | string)[];
}

function connect(seed: number, options = simDefaults): Ends {
  const simulator = new Simulator(seed);
  const network = new Network(simulator, options);
  const atServer: (number | string)[] = [];
  const atClient: (number | string)[] = [];
  const hear = (heard: (number | string)[]) => ({
    received: (message: number) => void heard.push(message),
    closed: () => void heard.push("closed"),
  });
  const connection = network.connect<number, number>({ client: "agent-1", server: "master-1" }, () => hear(atServer), hear(atClient));
  return { simulator, network, connection, atServer, atClient };
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe("Network", () => {
  it("keeps the order of each direction", () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const { simulator, connection, atServer, atClient } = connect(seed);
        for (const number of numbers(20)) {
          connection.sendToServer(number);
          connection.sendToClient(number);
          simulator.runUntil(simulator.nowMs + 1);
        }
        simulator.runUntil(1_000);
        assert.deepEqual(atServer, numbers(20));
        assert.deepEqual(atClient, numbers(20));
      }),
      { numRuns: 20 },
    );
  });

  it("loses a suffix and nothing else when a connection breaks, and each end notices", () => {
    const lengths = new Set<number>();
    for (const seed of numbers(40)) {
      const { simulator, connection, atServer, atClient } = connect(seed);
      simulator.runUntil(10);
      for (const number of numbers(5)) connection.sendToServer(number);
      connection.break();
      simulator.runUntil(1_000);
      assert.equal(atServer.at(-1), "closed");
      assert.deepEqual(atServer.slice(0, -1), numbers(atServer.length - 1));
      assert.deepEqual(atClient, ["closed"]);
      lengths.add(atServer.length);
    }
    assert.ok(lengths.size > 2, `different seeds lose different suffixes: ${[...lengths].join()}`);
  });

  it("delivers everything that the server sent before it ended the stream, and nothing after", () => {
    const { simulator, connection, atServer, atClient } = connect(3);
    simulator.runUntil(10);
    connection.sendToClient(1);
    connection.sendToClient(2);
    connection.endByServer(undefined);
    connection.sendToServer(9);
    simulator.runUntil(1_000);
    assert.deepEqual(atClient, [1, 2, "closed"]);
    assert.deepEqual(atServer, []);
  });

  it("holds what passes a cut node, and either delivers all of it in order after healing or closes both ends", () => {
    const outcomes = new Set<string>();
    for (const seed of numbers(40)) {
      const { simulator, network, connection, atServer, atClient } = connect(seed);
      simulator.runUntil(10);
      network.cut("agent-1");
      for (const number of numbers(5)) connection.sendToServer(number);
      simulator.runUntil(20_000);
      assert.ok(
        atServer.every((heard) => heard === "closed"),
        "nothing passes a cut",
      );
      network.heal("agent-1");
      simulator.runUntil(30_000);
      const isClosed = atServer.includes("closed");
      assert.equal(atClient.includes("closed"), isClosed, `seed ${seed}: both ends agree in the end`);
      if (!isClosed) assert.deepEqual(atServer, numbers(5));
      outcomes.add(isClosed ? "closed" : "delivered");
    }
    assert.deepEqual([...outcomes].sort(), ["closed", "delivered"]);
  });

  it("lets an attempt to connect across a cut fail after its time-out", () => {
    const simulator = new Simulator(1);
    const network = new Network(simulator, simDefaults);
    network.cut("master-1");
    const heard: string[] = [];
    network.connect<number, number>({ client: "agent-1", server: "master-1" }, () => assert.fail("a cut master takes no connection"), {
      received: () => heard.push("message"),
      closed: (refusal) => heard.push(refusal?.code ?? "OK"),
    });
    simulator.runUntil(simDefaults.connectTimeoutMs);
    assert.deepEqual(heard, ["UNAVAILABLE"]);
  });

  // Seed 31135: a master that was cut off ended a stream, and its client never heard of it.
  it("tells the other end after a cut that a stream was ended during it", () => {
    for (const seed of numbers(20)) {
      const { simulator, network, connection, atClient } = connect(seed);
      simulator.runUntil(10);
      network.cut("master-1");
      connection.endByServer(undefined);
      simulator.runUntil(100);
      network.heal("master-1");
      simulator.runUntil(100_000);
      assert.deepEqual(atClient, ["closed"], `seed ${seed}`);
    }
  });

  // Seed 28990: a subscription that was cut between its two handshake messages was never answered and never closed.
  it("opens or closes a connection that is cut during its handshake", () => {
    const ends = new Set<string>();
    for (const seed of numbers(200)) {
      const { simulator, network, connection, atServer, atClient } = connect(seed, { ...simDefaults, keepAliveMaxMs: 2 });
      connection.sendToServer(7);
      network.cut("master-1");
      simulator.runUntil(seed % 3);
      network.heal("master-1");
      simulator.runUntil(100_000);
      assert.ok(atServer[0] === 7 || atClient[0] === "closed", `seed ${seed}: server ${atServer}, client ${atClient}`);
      ends.add(`${atServer[0]} ${atClient[0]}`);
    }
    assert.ok(ends.size > 1, [...ends].join());
  });

  it("refuses a connection to a server that does not listen", () => {
    const simulator = new Simulator(1);
    const network = new Network(simulator, simDefaults);
    const heard: string[] = [];
    network.connect<number, number>({ client: "agent-1", server: "master-1" }, () => undefined, {
      received: () => heard.push("message"),
      closed: (refusal) => heard.push(refusal?.code ?? "OK"),
    });
    simulator.runUntil(100);
    assert.deepEqual(heard, ["UNAVAILABLE"]);
  });

  it("tells the other end, and only that, when a node dies", () => {
    const { simulator, network, atServer, atClient } = connect(5);
    simulator.runUntil(10);
    network.nodeDied("agent-1");
    simulator.runUntil(1_000);
    assert.deepEqual(atServer, ["closed"]);
    assert.deepEqual(atClient, []);
  });
});

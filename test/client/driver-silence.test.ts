/** What the driver takes for a master's silence, and what not. */

import assert from "node:assert/strict";
import { driverFor, stopAtHeartbeat } from "./driver-for.ts";
import { FakeMaster, heartbeatEvent, rescindEvent, subscribedEvent } from "./fake-master.ts";

describe("SchedulerDriver and silence", () => {
  it("gives up a master that takes the connection and says nothing", async () => {
    await using master = await FakeMaster.start({
      onSubscribe: (one, number) => {
        if (number > 0) one.send(subscribedEvent(), heartbeatEvent());
      },
    });
    const { driver, losses } = driverFor([master.address], { ...stopAtHeartbeat, subscribeTimeoutMs: 50 });
    await driver.run();
    // A busy machine may be late with the second answer, too.
    assert.deepEqual(new Set(losses), new Set([`${master.address}: DEADLINE_EXCEEDED: nothing was heard for 50 ms`]));
  });

  it("comes back when heartbeats stay away", async () => {
    await using master = await FakeMaster.start({
      onSubscribe: (one, number) => {
        one.send(subscribedEvent({ heartbeatSeconds: 0.01 }));
        if (number > 0) one.send(heartbeatEvent());
      },
    });
    const { driver, losses } = driverFor([master.address], stopAtHeartbeat);
    await driver.run();
    assert.equal(losses.length, 1);
    assert.match(losses[0] ?? "", /DEADLINE_EXCEEDED: nothing was heard for \d+ ms$/);
  });

  it("does not take its own slowness for the master's silence", async () => {
    await using master = await FakeMaster.start({
      onSubscribe: (one) => one.send(subscribedEvent({ heartbeatSeconds: 0.01 }), rescindEvent("O1"), heartbeatEvent()),
    });
    const { driver, losses } = driverFor([master.address], {
      onEvent: async (event, own) => {
        if (event.kind === "rescind") await new Promise((resolve) => setTimeout(resolve, 200));
        if (event.kind === "heartbeat") own.stop();
      },
    });
    await driver.run();
    assert.deepEqual(losses, []);
  });

  /** On a busy machine a framework once left a healthy master because it had not run for five heartbeats itself. */
  it("does not take a halt of its own process for the master's silence", async () => {
    await using master = await FakeMaster.start({
      onSubscribe: (one) => {
        one.send(subscribedEvent({ heartbeatSeconds: 0.05 }));
        beat = () => one.send(heartbeatEvent());
      },
    });
    let beat = (): void => undefined;
    const { driver, losses } = driverFor([master.address], {
      onDisconnected: (reason) => {
        losses.push(reason);
        driver.stop();
      },
      onEvent: (event, own) => {
        if (event.kind === "heartbeat") return own.stop();
        setImmediate(() => {
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
          beat();
        });
      },
    });
    await driver.run();
    assert.deepEqual(losses, []);
  });
});

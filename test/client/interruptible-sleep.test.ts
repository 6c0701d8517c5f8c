import assert from "node:assert/strict";
import { InterruptibleSleep } from "../../client/interruptible-sleep.ts";
import { driverFor } from "./driver-for.ts";

/** Nobody waits this long: a sleep that is not interrupted fails its test. */
const tooLongMs = 3_600_000;

describe("InterruptibleSleep", () => {
  it("ends by itself", async () => {
    const pause = new InterruptibleSleep();
    const order: string[] = [];
    const long = pause.sleep(20).then(() => order.push("slept"));
    order.push("went on");
    await long;
    assert.deepEqual(order, ["went on", "slept"]);
  });

  it("ends when it is interrupted", async () => {
    const pause = new InterruptibleSleep();
    const sleeping = pause.sleep(tooLongMs);
    pause.interrupt();
    await sleeping;
  });

  it("takes no time once it was interrupted", async () => {
    const pause = new InterruptibleSleep();
    pause.interrupt();
    await pause.sleep(tooLongMs);
    await pause.sleep(tooLongMs);
  });

  // A driver that was stopped where it tells of a loss had not begun to sleep yet, and then slept its whole delay.
  it("does not hold back a driver that is stopped when it tells of a loss", async () => {
    const { driver, losses } = driverFor(["127.0.0.1:1"], {
      reconnectMinMs: tooLongMs,
      reconnectMaxMs: tooLongMs,
      onDisconnected: (reason) => {
        losses.push(reason);
        driver.stop();
      },
    });
    await driver.run();
    assert.equal(losses.length, 1);
  });
});

/** What is known of the use of containers, and how often one looks. */

import assert from "node:assert/strict";

import { UsageWatch, type UsageWatchOptions } from "../../../agent/containers/usage-watch.ts";
import { ContainerId } from "../../../common/ids.ts";
import { until } from "./runtime-bench.ts";

const run = (id: string) => ({ containerId: ContainerId(id), folder: `/sandboxes/${id}` });

describe("UsageWatch", () => {
  let watch: UsageWatch;
  afterEach(() => watch.close());

  function open(options: Partial<UsageWatchOptions>): UsageWatch {
    watch = new UsageWatch({
      trees: () => [],
      folders: () => [],
      diskIntervalMs: 2,
      onUnmeasured: () => {},
      onFatal: (error) => assert.fail(String(error)),
      ...options,
    });
    return watch;
  }

  it("measures each sandbox in use, one after the other, and forgets those that are not in use any more", async () => {
    let folders = [run("a"), run("b")];
    let measuring = 0;
    const measure = async (folder: string): Promise<number> => {
      assert.equal(++measuring, 1, "one at a time");
      await new Promise((resolve) => setTimeout(resolve, 2));
      measuring -= 1;
      return folder.endsWith("a") ? 10 : 5;
    };
    open({ folders: () => folders, measure }).start();
    assert.equal(watch.diskBytesOf(ContainerId("a")), undefined);
    await until(() => watch.diskBytes === 15);
    assert.equal(watch.diskBytesOf(ContainerId("a")), 10);
    folders = [run("b")];
    await until(() => watch.diskBytes === 5);
    assert.equal(watch.diskBytesOf(ContainerId("a")), undefined);
  });

  it("goes on past a sandbox that cannot be measured", async () => {
    const unmeasured: string[] = [];
    const measure = (folder: string): Promise<number> => (folder.endsWith("a") ? Promise.reject(new Error("EIO")) : Promise.resolve(7));
    const onUnmeasured = (folder: string, reason: string): void => void unmeasured.push(`${folder} ${reason}`);
    open({ folders: () => [run("a"), run("b")], measure, onUnmeasured }).start();
    await until(() => watch.diskBytes === 7 && unmeasured.length > 0);
    assert.equal(unmeasured[0], "/sandboxes/a EIO");
  });

  it("looks at processes once for all who ask within a second", () => {
    let looks = 0;
    open({
      trees: () => {
        looks += 1;
        return [];
      },
    });
    const samples = Array.from({ length: 5 }, () => watch.read());
    assert.equal(looks, 1);
    assert.ok(samples.every((sample) => sample === samples[0]));
  });
});

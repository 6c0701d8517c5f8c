/** What containers may ask for: the reference's form of them, and what an agent without images and namespaces can do. */

import assert from "node:assert/strict";
import { type ContainerOwner, findContainerFormProblem, findContainerProblem } from "../../common/container-rules.ts";
import { containerVolumesMax } from "../../common/container-volumes.ts";
import { ContainerInfo, ContainerInfo_Type, type RLimitInfo_RLimit, type Volume } from "../../protos/gen/mesos/v1/mesos.ts";

interface Fields extends Omit<Parameters<typeof ContainerInfo.fromPartial>[0], "rlimitInfo"> {
  readonly rlimitInfo?: { readonly rlimits?: readonly Pick<RLimitInfo_RLimit, "type" | "soft" | "hard">[] };
}
type VolumeFields = Parameters<typeof Volume.fromPartial>[0];

/** As it arrives; `fromPartial` makes zeros of limits that are not there. */
function read({ rlimitInfo, ...fields }: Fields): ContainerInfo {
  const rlimits = (rlimitInfo?.rlimits ?? []).map(({ type, soft, hard }) => ({ type, soft, hard }));
  const message = { ...ContainerInfo.fromPartial({ type: ContainerInfo_Type.MESOS, ...fields }), rlimitInfo: rlimitInfo && { rlimits } };
  return ContainerInfo.decode(ContainerInfo.encode(message).finish());
}

const volumes = (...all: readonly VolumeFields[]): Fields => ({
  volumes: all.map((fields, index) => ({ mode: 1, containerPath: `v${index}`, ...fields })),
});
const host = { hostPath: "/srv" };
const own = (path: string): VolumeFields => ({ source: { type: 2, sandboxPath: { type: 1, path } } });
const shared = (path: string): VolumeFields => ({ source: { type: 2, sandboxPath: { type: 2, path } } });

describe("findContainerFormProblem()", () => {
  const bad: readonly [name: string, fields: Fields, problem: string][] = [
    ["nothing behind a volume", volumes({}), "volumes[0] must have exactly one of host_path, image and source, has none"],
    [
      "two things behind one",
      volumes(host, { ...host, source: { type: 4, hostPath: { path: "/" } } }),
      "volumes[1] must have exactly one of host_path, image and source, has host_path and source",
    ],
    [
      "a source without a type",
      volumes({ source: {} }),
      "volumes[0].source.type must be HOST_PATH, SANDBOX_PATH, DOCKER_VOLUME, SECRET or CSI_VOLUME, is not set",
    ],
    [
      "a source without its message",
      volumes({ source: { type: 2 } }),
      "volumes[0].source.sandbox_path must be set for the type SANDBOX_PATH",
    ],
    ["no image of Docker", { type: 1 }, "docker must be set for the type DOCKER"],
    [
      "a name for a container of Docker",
      { type: 1, docker: { image: "i", parameters: [{ key: "name", value: "n" }] } },
      'docker.parameters[0].key must not be "name"',
    ],
  ];
  for (const [name, fields, problem] of bad) it(`names ${name}`, () => assert.equal(findContainerFormProblem(read(fields)), problem));

  it("leaves what an agent can do to others", () => {
    for (const fields of [{}, volumes(host, own("a"), shared("b")), { type: 1 as const, docker: { image: "i" } }, { hostname: "h" }]) {
      assert.equal(findContainerFormProblem(read(fields)), undefined);
    }
  });
});

describe("findContainerProblem()", () => {
  it("takes what every process of the machine has, volumes that are links, and limits", () => {
    const rlimits = [{ type: 10 as const, soft: 1n, hard: 1n }, { type: 1 as const }];
    const linuxInfo = { sharePidNamespace: true, ipcMode: 2 as const, seccomp: { unconfined: true } };
    const fields = {
      ...volumes(host, own("a/b"), { hostPath: "/opt", mode: 2 }, { hostPath: "/opt/a", mode: 2 }),
      mesos: {},
      networkInfos: [{}],
      linuxInfo,
      rlimitInfo: { rlimits },
    };
    for (const owner of ["task", "executor"] as const) assert.equal(findContainerProblem(read(fields), owner), undefined);
    assert.equal(findContainerProblem(read(volumes(shared("data"))), "groupMember"), undefined);
    assert.equal(findContainerProblem(read({ networkInfos: [{}], linuxInfo: {} }), "defaultExecutor"), undefined);
  });

  const bad: readonly [name: string, fields: Fields, problem: string, owner?: ContainerOwner][] = [
    ["Docker", { type: 1 }, "type must be MESOS: no agent runs containers of Docker, is DOCKER"],
    ["settings of Docker", { docker: { image: "i" } }, "docker must be absent for the type MESOS"],
    ["an image", { mesos: { image: { type: 2 } } }, "mesos.image must be absent: no agent has images"],
    ["a hostname", { hostname: "h" }, 'hostname must be absent: a container has that of its machine, is "h"'],
    ["a terminal", { ttyInfo: {} }, "tty_info must be absent: only sessions of operators have a terminal"],
    ["too many volumes", volumes(...Array(containerVolumesMax + 1).fill(host)), "volumes must have at most 100 entries, has 101"],
    [
      "a folder for reading that is for writing, too",
      volumes(host, { hostPath: "/srv/a", mode: 2 }),
      "volumes[1].mode must be that of volumes[0], which leads there, too, is RO",
    ],
    ["a volume without a place", volumes({ ...host, containerPath: "" }), "volumes[0].container_path must not be empty"],
    ["a volume outside", volumes({ ...host, containerPath: "/a" }), 'volumes[0].container_path must be relative to the sandbox, is "/a"'],
    [
      "a volume above",
      volumes({ ...host, containerPath: "a/../b" }),
      'volumes[0].container_path must not have empty, "." or ".." parts, is "a/../b"',
    ],
    ["a zero byte", volumes({ ...host, containerPath: "a\0" }), "volumes[0].container_path must not contain U+0000"],
    [
      "a long path",
      volumes({ ...host, containerPath: "a".repeat(2_049) }),
      "volumes[0].container_path must have at most 2048 characters, has 2049",
    ],
    [
      "a volume in the place of the output",
      volumes({ ...host, containerPath: "stdout" }),
      'volumes[0].container_path must not begin with one of stdout, stderr, .tepui-environment, containers, is "stdout"',
    ],
    ["an image as a volume", volumes({ image: { type: 2 } }), "volumes[0].image must be absent: no agent has images"],
    ["a folder above the sandbox", volumes({ hostPath: "../a" }), 'volumes[0].host_path must not have empty, "." or ".." parts, is "../a"'],
    [
      "a relative path of the machine",
      volumes({ source: { type: 4, hostPath: { path: "a" } } }),
      'volumes[0].source.host_path.path must be absolute, is "a"',
    ],
    [
      "mounts that spread",
      volumes({ source: { type: 4, hostPath: { path: "/a", mountPropagation: { mode: 2 } } } }),
      "volumes[0].source.host_path.mount_propagation must be absent: volumes are links and no mounts",
    ],
    [
      "a secret",
      volumes({ source: { type: 3, secret: { type: 1 } } }),
      "volumes[0].source.type must be HOST_PATH or SANDBOX_PATH, is SECRET",
    ],
    [
      "a sandbox of nobody",
      volumes({ source: { type: 2, sandboxPath: { path: "a" } } }),
      "volumes[0].source.sandbox_path.type must be SELF or PARENT, is not set",
    ],
    [
      "a parent where there is none",
      volumes(shared("a")),
      "volumes[0].source.sandbox_path.type must be SELF for a task that is in no group of a default executor, is PARENT",
    ],
    [
      "a path where tasks could put links",
      volumes(shared("a/b")),
      'volumes[0].source.sandbox_path.path must be one name for the type PARENT, is "a/b"',
      "groupMember",
    ],
    [
      "the sandboxes of the others",
      volumes(shared("containers")),
      'volumes[0].source.sandbox_path.path must not begin with one of stdout, stderr, .tepui-environment, containers, is "containers"',
      "groupMember",
    ],
    [
      "a volume within another",
      volumes({ ...host, containerPath: "a" }, { ...host, containerPath: "a/b" }),
      'volumes[1].container_path must not be, hold or lie within that of another volume, is "a/b"',
    ],
    [
      "a volume that leads to itself",
      volumes({ ...own("a"), containerPath: "a" }),
      'volumes[0].container_path must not be, hold or lie within a folder of the sandbox that is a volume, is "a"',
    ],
    [
      "a network",
      { networkInfos: [{}, { name: "n" }] },
      'network_infos[1].name must be absent: a container shares the network of its machine, is "n"',
    ],
    [
      "ports of its own",
      { networkInfos: [{ portMappings: [{ hostPort: 1, containerPort: 2 }] }] },
      "network_infos[0].port_mappings must be empty: a container shares the network of its machine, has 1 entries",
    ],
    [
      "labels for a network",
      { networkInfos: [{ labels: {} }] },
      "network_infos[0].labels must be absent: a container shares the network of its machine",
    ],
    [
      "processes of its own",
      { linuxInfo: { sharePidNamespace: false } },
      "linux_info.share_pid_namespace must not be false: all containers of an agent share one",
    ],
    [
      "memory of its own to share",
      { linuxInfo: { ipcMode: 1 } },
      "linux_info.ipc_mode must be SHARE_PARENT: all containers of an agent share one namespace, is PRIVATE",
    ],
    ["a size of that", { linuxInfo: { shmSize: 9 } }, "linux_info.shm_size must be absent: a container has that of its machine, is 9"],
    [
      "a profile",
      { linuxInfo: { seccomp: { profileName: "p" } } },
      'linux_info.seccomp.profile_name must be absent: no agent has profiles, is "p"',
    ],
    [
      "the profile of all",
      { linuxInfo: { seccomp: { unconfined: false } } },
      "linux_info.seccomp.unconfined must not be false: no agent has a default profile",
    ],
    [
      "capabilities",
      { linuxInfo: { boundingCapabilities: {} } },
      "linux_info.bounding_capabilities must be absent: a container has the capabilities of its user",
    ],
    ["a limit of nothing", { rlimitInfo: { rlimits: [{ soft: 1n, hard: 1n }] } }, "rlimit_info.rlimits[0].type must be set"],
    [
      "two limits of one thing",
      { rlimitInfo: { rlimits: [{ type: 10 }, { type: 10 }] } },
      "rlimit_info.rlimits[1].type must not be that of another entry, is RLMT_NOFILE",
    ],
    [
      "half a limit",
      { rlimitInfo: { rlimits: [{ type: 10, soft: 1n }] } },
      "rlimit_info.rlimits[0] must have both soft and hard, or none of them",
    ],
    [
      "a soft limit above the hard one",
      { rlimitInfo: { rlimits: [{ type: 10, soft: 2n, hard: 1n }] } },
      "rlimit_info.rlimits[0].soft must not be above hard, 1, is 2",
    ],
    [
      "an executor that shares the cgroup of nobody",
      { linuxInfo: { shareCgroups: true } },
      "linux_info.share_cgroups must not be true for an executor: there is nothing around it",
      "executor",
    ],
    [
      "volumes that nobody sees",
      volumes(host),
      "volumes must be empty: a default executor has no process to see them, has 1",
      "defaultExecutor",
    ],
    [
      "limits of nobody",
      { rlimitInfo: {} },
      "rlimit_info must be absent: a default executor has no process to be limited",
      "defaultExecutor",
    ],
  ];
  for (const [name, fields, problem, owner = "task"] of bad) {
    it(`names ${name}`, () => assert.equal(findContainerProblem(read(fields), owner), problem));
  }
});

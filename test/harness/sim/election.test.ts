import assert from "node:assert/strict";
import { type Candidate, SimElection } from "../../../harness/sim/election.ts";
import { simDefaults } from "../../../harness/sim/sim-options.ts";
import { Simulator } from "../../../harness/sim/simulator.ts";

class FakeMaster implements Candidate {
  readonly name: string;
  readonly log: string[];
  isAble = true;

  constructor(name: string, log: string[]) {
    this.name = name;
    this.log = log;
  }

  canLead(): boolean {
    return this.isAble;
  }

  leadershipGained(): void {
    this.log.push(`${this.name} gained`);
  }

  leadershipLost(): void {
    this.log.push(`${this.name} lost`);
  }
}

function elect(count: number, seed = 1) {
  const simulator = new Simulator(seed);
  const log: string[] = [];
  const masters = Array.from({ length: count }, (_, index) => new FakeMaster(`master-${index + 1}`, log));
  const names = masters.map(({ name }) => name);
  const election = new SimElection(names, simulator, simDefaults);
  for (const master of masters) election.contend(master);
  simulator.runUntil(1_000);
  const leader = masters.find((master) => election.isLeader(master));
  assert.ok(leader !== undefined, "somebody leads");
  return { simulator, log, masters, election, leader };
}

describe("SimElection", () => {
  it("has one leader at a time, and another when the leader dies", () => {
    const { simulator, election, leader, masters, log } = elect(3);
    assert.deepEqual(log, [`${leader.name} gained`]);
    leader.isAble = false;
    election.withdraw(leader, false);
    simulator.runUntil(10_000);
    const next = masters.filter((master) => election.isLeader(master));
    assert.equal(next.length, 1);
    assert.notEqual(next[0], leader);
    assert.equal(election.term, 2);
  });

  it("takes the leadership from a leader that is silent past its lease, and tells it", () => {
    const { simulator, election, leader, log } = elect(3);
    leader.isAble = false;
    election.fellSilent(leader);
    simulator.runUntil(10_000);
    assert.equal(log[1], `${leader.name} lost`);
    assert.match(log[2] ?? "", /gained/);
    assert.ok(!election.isLeader(leader));
  });

  it("leaves the leadership with a leader that comes back within its lease", () => {
    const { simulator, election, leader, log } = elect(3);
    leader.isAble = false;
    election.fellSilent(leader);
    leader.isAble = true;
    simulator.runUntil(10_000);
    assert.equal(log.length, 1);
    assert.ok(election.isLeader(leader));
  });

  it("never takes the leadership from the only master, whose address everybody knows", () => {
    const { simulator, election, leader } = elect(1);
    leader.isAble = false;
    election.fellSilent(leader);
    simulator.runUntil(60_000);
    assert.ok(election.isLeader(leader));
    election.withdraw(leader, false);
    assert.equal(election.detectedLeader, "master-1");
  });

  it("tells a watcher each new leader once", () => {
    const { simulator, election, leader, masters } = elect(3);
    const told: (string | undefined)[] = [];
    election.watch((name) => told.push(name));
    simulator.runUntil(2_000);
    assert.deepEqual(told, [leader.name]);
    leader.isAble = false;
    election.withdraw(leader, true);
    simulator.runUntil(3_000);
    const next = masters.find((master) => election.isLeader(master));
    assert.equal(told.at(-1), next?.name);
    assert.ok(told.length <= 3);
  });
});

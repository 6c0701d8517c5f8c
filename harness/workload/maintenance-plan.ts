/**
 * What the operator of the workload believes of the machines: which there are, and which are scheduled or DOWN as far as it was told. It
 * may be wrong: orders get lost, and one without an answer may have been obeyed.
 */

import type { HistoryEvent, NodeName, OrderJson } from "../history/event.ts";
import type { MachineJson, MaintenanceAnswerJson, UnavailabilityJson, WindowJson } from "../history/maintenance-json.ts";

/** How a machine is named. */
export type Naming = "hostname" | "ip" | "both";

/** Which machines a step means, by what is believed of them. */
export type MachineChoice = "scheduled" | "down" | "any" | "unknown";

interface Plan {
  readonly machine: MachineJson;
  readonly unavailability: UnavailabilityJson;
  readonly isDown: boolean;
}

export class MaintenancePlan {
  readonly #addresses = new Map<NodeName, string | undefined>();
  #plans: readonly Plan[] = [];

  /** The machines that agents are on, each by its node. */
  get nodes(): readonly NodeName[] {
    return [...this.#addresses.keys()];
  }

  /** The windows that the schedule has, as far as is known. */
  get windows(): readonly WindowJson[] {
    return this.#plans.map(({ machine, unavailability }) => ({ machines: [machine], unavailability }));
  }

  /** Those that are DOWN must stay in each schedule. */
  get down(): readonly WindowJson[] {
    return this.#plans.flatMap(({ machine, unavailability, isDown }) => (isDown ? [{ machines: [machine], unavailability }] : []));
  }

  /** The window that a node's machine has by its hostname. */
  windowOf(node: NodeName): UnavailabilityJson | undefined {
    return this.#plans.find(({ machine: { hostname } }) => hostname === node)?.unavailability;
  }

  /** The machine of a node. Where its address is not its own, or not known, it has its hostname only. */
  machineOf(node: NodeName, naming: Naming): MachineJson {
    const ip = this.#addresses.get(node);
    if (ip === undefined || naming === "hostname") return { hostname: node };
    return naming === "ip" ? { ip } : { hostname: node, ip };
  }

  /** The machines that a choice stands for, in a fixed order, as they are named in the schedule. */
  machines(choice: MachineChoice): readonly MachineJson[] {
    switch (choice) {
      case "scheduled":
        return this.#plans.flatMap(({ machine, isDown }) => (isDown ? [] : [machine]));
      case "down":
        return this.#plans.flatMap(({ machine, isDown }) => (isDown ? [machine] : []));
      case "any":
        return this.nodes.map((node) => this.machineOf(node, "both"));
      case "unknown":
        return [{ hostname: "machine-of-nobody" }];
    }
  }

  heard(event: HistoryEvent): void {
    if (event.kind === "nodeStarted" && event.node.startsWith("agent-")) this.#addresses.set(event.node, event.ip);
  }

  /** An order was obeyed. */
  obeyed(order: OrderJson): void {
    switch (order.kind) {
      case "updateSchedule": {
        const down = new Set(this.machines("down").map(keyOf));
        this.#plans = toPlans(order.windows, down);
        return;
      }
      case "startMaintenance": {
        const taken = new Set(order.machines.map(keyOf));
        this.#plans = this.#plans.map((plan) => (taken.has(keyOf(plan.machine)) ? { ...plan, isDown: true } : plan));
        return;
      }
      case "stopMaintenance": {
        const taken = new Set(order.machines.map(keyOf));
        this.#plans = this.#plans.filter(({ machine }) => !taken.has(keyOf(machine)));
        return;
      }
      default:
        return;
    }
  }

  answered(answer: MaintenanceAnswerJson): void {
    if (answer.kind === "schedule") this.#plans = toPlans(answer.windows, new Set(this.machines("down").map(keyOf)));
    if (answer.kind !== "progress") return;
    this.#plans = answer.machines.map(({ machine, unavailability, isDown }) => ({ machine, unavailability, isDown }));
  }
}

function toPlans(windows: readonly WindowJson[], down: ReadonlySet<string>): Plan[] {
  return windows.flatMap(({ machines, unavailability }) =>
    machines.map((machine) => ({ machine, unavailability, isDown: down.has(keyOf(machine)) })),
  );
}

function keyOf({ hostname = "", ip = "" }: MachineJson): string {
  return `${hostname} ${ip}`;
}

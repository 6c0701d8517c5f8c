/**
 * Dominant resource fairness: who is served next. Roles compete level by level in their tree, frameworks inside their role;
 * a lower share, divided by the role's weight, comes first, then who was served less often, then the name. The order is built at
 * the start of an allocation run and kept up to date while the run gives resources away. Source: Mesos allocator/mesos/sorter/drf.
 */

import type { Framework, MasterState } from "../state.ts";
import { frameworkShare, roleShare } from "./accounting.ts";
import { dominantShare, type Share } from "./share.ts";

/** Whether the run goes on to the next in order. */
export type Visit = (role: string, framework: Framework) => "next" | "stop";

interface Client {
  readonly name: string;
  readonly share: Share;
  /** Divides the dominant share. */
  readonly weight: number;
  dominant: number;
}

interface RoleNode extends Client {
  readonly path: string;
  readonly parent: RoleNode | undefined;
  readonly children: RoleNode[];
  readonly frameworks: FrameworkClient[];
}

interface FrameworkClient extends Client {
  readonly framework: Framework;
}

export class FairOrder {
  readonly #state: MasterState;
  readonly #root: RoleNode;
  readonly #nodes = new Map<string, RoleNode>();
  /** Where the frameworks of a role are. */
  readonly #leaves = new Map<string, RoleNode>();

  /** `roles`: the frameworks that want offers, by role. */
  constructor(state: MasterState, roles: ReadonlyMap<string, readonly Framework[]>) {
    this.#state = state;
    this.#root = this.#createNode({
      path: "",
      name: "",
      share: { quantities: new Map(), allocationCount: 0 },
      weight: 1,
      parent: undefined,
    });
    for (const [role, frameworks] of roles) this.#addRole(role, frameworks);
    this.#separateLeaves(this.#root);
    sortTree(this.#root);
  }

  /** Calls `visit` for each framework of each role, in order, until it answers "stop"; not below the top-level roles that are skipped. */
  visit(visit: Visit, isSkipped?: (topRole: string) => boolean): void {
    for (const child of this.#root.children) {
      if (isSkipped?.(child.path) !== true && visitNode(child, visit) === "stop") return;
    }
  }

  /** Tells that the framework got something in the role: its share and those of the roles above have changed. */
  served(role: string, framework: Framework): void {
    const leaf = this.#leaves.get(role);
    if (leaf === undefined) return;
    const client = leaf.frameworks.find((candidate) => candidate.framework === framework);
    if (client !== undefined) this.#refresh(client);
    leaf.frameworks.sort(compareClients);
    for (let node: RoleNode | undefined = leaf; node?.parent !== undefined; node = node.parent) {
      this.#refresh(node);
      node.parent.children.sort(compareClients);
    }
  }

  #addRole(role: string, frameworks: readonly Framework[]): void {
    let node = this.#root;
    let path = "";
    for (const component of role.split("/")) {
      path = path === "" ? component : `${path}/${component}`;
      let child = this.#nodes.get(path);
      if (child === undefined) {
        const weight = this.#state.weights.current.get(path) ?? 1;
        child = this.#createNode({ path, name: path, share: roleShare(this.#state, path).subtree, weight, parent: node });
        node.children.push(child);
        this.#nodes.set(path, child);
      }
      node = child;
    }
    this.#leaves.set(role, node);
    for (const framework of frameworks) {
      const share = frameworkShare(framework, role);
      node.frameworks.push({ name: framework.frameworkId, share, weight: 1, dominant: this.#dominant(share), framework });
    }
  }

  /** A role that has both frameworks and roles below it competes with the latter through a leaf of its own. */
  #separateLeaves(node: RoleNode): void {
    for (const child of node.children) this.#separateLeaves(child);
    if (node.children.length === 0 || node.frameworks.length === 0) return;
    const leaf = this.#createNode({
      path: node.path,
      name: `${node.path}/.`,
      share: roleShare(this.#state, node.path).own,
      weight: 1,
      parent: node,
    });
    leaf.frameworks.push(...node.frameworks.splice(0));
    node.children.push(leaf);
    this.#leaves.set(node.path, leaf);
  }

  #createNode(fields: Pick<RoleNode, "path" | "name" | "share" | "weight" | "parent">): RoleNode {
    return { ...fields, dominant: this.#dominant(fields.share) / fields.weight, children: [], frameworks: [] };
  }

  #refresh(client: Client): void {
    client.dominant = this.#dominant(client.share) / client.weight;
  }

  #dominant(share: Share): number {
    return dominantShare(share, this.#state.allocation.totals);
  }
}

function visitNode(node: RoleNode, visit: Visit): "next" | "stop" {
  for (const { framework } of node.frameworks) if (visit(node.path, framework) === "stop") return "stop";
  for (const child of node.children) if (visitNode(child, visit) === "stop") return "stop";
  return "next";
}

function sortTree(node: RoleNode): void {
  for (const child of node.children) sortTree(child);
  node.children.sort(compareClients);
  node.frameworks.sort(compareClients);
}

function compareClients(left: Client, right: Client): number {
  if (left.dominant !== right.dominant) return left.dominant - right.dominant;
  if (left.share.allocationCount !== right.share.allocationCount) return left.share.allocationCount - right.share.allocationCount;
  return left.name < right.name ? -1 : left.name > right.name ? 1 : 0;
}

// Who may import whom, one line per folder. A finding names the rule and what to do instead. The same picture is in docs/architecture.md.
import type { Import, SourceFile } from "./source-file.ts";

interface FolderRule {
  /** The longest folder that matches a file rules it. */
  readonly folder: string;
  /** Folders and files that it may import, besides itself. */
  readonly mayImport: readonly string[];
  /** Folders of which it may import types only: they are gone when it runs. */
  readonly mayImportTypesOf?: readonly string[];
  readonly instead: string;
}

const cores = ["server/core", "agent/core"];
const wires = ["server/wire", "agent/wire"];
const production = ["common", "protos/gen", "runtime", "client", "harness", "chaos", "server", "agent"];

const folderRules: readonly FolderRule[] = [
  { folder: "common", mayImport: ["protos/gen"], instead: "common is the vocabulary of all: pass in what it needs, or move the code up" },
  {
    folder: "runtime",
    mayImport: ["common", "protos/gen"],
    instead: "runtime knows neither master nor agent: make it a port or a type parameter",
  },
  {
    folder: "server/core",
    mayImport: ["common"],
    mayImportTypesOf: ["protos/gen"],
    instead: "a core sees common and types of protos/gen only: let wire/ decode it, or emit an effect",
  },
  {
    folder: "agent/core",
    mayImport: ["common"],
    mayImportTypesOf: ["protos/gen"],
    instead: "a core sees common and types of protos/gen only: let wire/ decode it, or emit an effect",
  },
  {
    folder: "server/wire",
    mayImport: ["common", "protos/gen", "server/core"],
    instead: "wire translates between bytes and the core's types, and touches nothing else",
  },
  {
    folder: "agent/wire",
    mayImport: ["common", "protos/gen", "agent/core"],
    instead: "wire translates between bytes and the core's types, and touches nothing else",
  },
  {
    folder: "server",
    mayImport: ["common", "protos/gen", "runtime"],
    instead: "the master does not know the agent: what both need belongs into common/ or runtime/",
  },
  {
    folder: "agent",
    mayImport: ["common", "protos/gen", "runtime"],
    instead: "the agent does not know the master: what both need belongs into common/ or runtime/",
  },
  {
    folder: "client",
    mayImport: ["common", "protos/gen", "runtime"],
    instead: "the SDK speaks gRPC to a cluster and knows nothing of its insides",
  },
  {
    folder: "harness/sim",
    mayImport: ["common", "protos/gen", ...cores, ...wires],
    mayImportTypesOf: ["harness/cluster.ts", "harness/history"],
    instead: "the simulator replaces perform, store and clock, and runs the production core and wire: nothing else",
  },
  {
    folder: "harness",
    mayImport: ["common", "protos/gen", "runtime", "client", ...cores, ...wires],
    instead: "the harness starts programs by path, as a stranger would; what a run does is for chaos/ to say",
  },
  {
    folder: "chaos",
    mayImport: ["common", "protos/gen", "runtime", "client", "harness"],
    instead: "chaos drives a cluster through the ports of harness/",
  },
  {
    folder: "cli",
    mayImport: ["common", "protos/gen", "runtime", "client", "harness", "chaos", ...cores],
    instead: "the tool speaks to a cluster through client/, starts one through harness/, and knows its flags by the cores' configuration",
  },
  { folder: "web", mayImport: [], instead: "the page speaks HTTP" },
  {
    folder: "examples",
    mayImport: ["client", "protos/gen"],
    instead: "an example uses what a framework author has: client/ and the protos",
  },
  {
    folder: "bench",
    mayImport: production,
    instead: "move what is worth sharing out of test, cli, web, examples or scripts",
  },
  { folder: "scripts", mayImport: ["common"], instead: "scripts stand before the build: they use Node, packages and common/" },
  {
    folder: "test",
    mayImport: [...production, "cli", "web", "examples", "bench", "scripts"],
    instead: "there is nothing else",
  },
];

/** Every import that the table does not allow. */
export function importFindings(file: SourceFile): string[] {
  const rule = ruleOf(file.path);
  if (rule === undefined) return [`${file.path}: no rule for its folder; add one to test/tidy/import-rules.ts`];
  return file.imports.flatMap((each) => {
    if (each.target === undefined || isAllowed(rule, each, each.target)) return [];
    const typesOnly = rule.mayImportTypesOf?.some((folder) => isInside(each.target ?? "", folder)) === true ? " (types only)" : "";
    return [`${file.path}:${each.line}: ${rule.folder} may not import ${each.target}${typesOnly}; ${rule.instead}`];
  });
}

/** The rule of the longest folder that holds the path. */
function ruleOf(path: string): FolderRule | undefined {
  return folderRules.filter((rule) => isInside(path, rule.folder)).sort((left, right) => right.folder.length - left.folder.length)[0];
}

function isAllowed(rule: FolderRule, each: Import, target: string): boolean {
  if (rule.mayImport.some((folder) => isInside(target, folder))) return true;
  if (each.typeOnly && rule.mayImportTypesOf?.some((folder) => isInside(target, folder)) === true) return true;
  // A folder may import itself, and a shell may import the core and the wire below it.
  return isInside(target, rule.folder);
}

function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

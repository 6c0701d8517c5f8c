/** One try of the fuzzer: an RPC, the messages that go into it, and the stream id that goes with them. */

import fc from "fast-check";
import type { FuzzSchema, Rpc } from "./message-schema.ts";
import { encodeTree, type MessageTree, printTree, type Resolve } from "./message-tree.ts";
import { type Mutation, mutateBytes, mutateTree, mutation } from "./mutation.ts";
import { type Hostility, SchemaArbitraries } from "./schema-arbitraries.ts";

/** Which `mesos-stream-id` a call carries. */
export type StreamIdChoice = "current" | "none" | "old" | "garbage";

export interface FuzzMessage {
  readonly tree: MessageTree;
  readonly mutations: readonly Mutation[];
}

export interface FuzzCase {
  readonly node: "master" | "agent";
  readonly rpc: Rpc;
  readonly streamId: StreamIdChoice;
  /** One, unless the RPC takes a stream. */
  readonly messages: readonly FuzzMessage[];
}

/** Messages on one stream: enough for one to spoil the next. */
const streamMessagesMax = 6;

/** How often each service is drawn; those that are not listed, once. */
const serviceWeights: Readonly<Record<string, number>> = { "tepui.v1.Scheduler": 80, "tepui.v1.AgentLink": 40, "tepui.v1.Executor": 10 };

/** Services of the agent alone, and those of every node. */
const agentServices = ["tepui.v1.Executor", "tepui.v1.AgentOperator"];
const commonServices = ["grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection"];

/** Those whose calls are of one message with a type. */
const callServices = new Set(["tepui.v1.Scheduler", "tepui.v1.Executor"]);

/** A call that does not begin a subscription belongs to the other methods, and the other way round: mixed up it is refused at once. */
const subscribeType = 1;

export function fuzzCases(schema: FuzzSchema): fc.Arbitrary<FuzzCase> {
  const arbitraries = new SchemaArbitraries(schema);
  return fc.oneof(
    ...schema.rpcs.map((rpc) => {
      const messages = fuzzMessages(arbitraries, rpc.input);
      const fitting = callServices.has(rpc.service) ? fittingCalls(rpc, messages) : messages;
      return { weight: serviceWeights[rpc.service] ?? 1, arbitrary: fuzzCase(rpc, fitting) };
    }),
  );
}

/** Subscriptions for Subscribe and other calls for the rest, as a rule. */
function fittingCalls(rpc: Rpc, calls: fc.Arbitrary<FuzzMessage>): fc.Arbitrary<FuzzMessage> {
  const isFitting = ({ tree }: FuzzMessage): boolean => {
    const type = tree.find(({ name }) => name === "type")?.value;
    return type?.kind !== "varint" || (type.value === BigInt(subscribeType)) === (rpc.method === "Subscribe");
  };
  const fitting = calls.filter(isFitting).map((call) => ({ ...call, tree: withSameId(call.tree) }));
  return fc.oneof({ weight: 9, arbitrary: fitting }, { weight: 1, arbitrary: calls });
}

/** A subscription names its framework in two places, alike, or in none. */
function withSameId(tree: MessageTree): MessageTree {
  const subscribe = tree.find(({ name }) => name === "subscribe")?.value;
  if (subscribe?.kind !== "message") return tree;
  const info = subscribe.fields.find(({ name }) => name === "framework_info")?.value;
  const id = info?.kind === "message" ? info.fields.find(({ name }) => name === "id")?.value : undefined;
  return tree.flatMap((field) => (field.name !== "framework_id" ? [field] : id === undefined ? [] : [{ ...field, value: id }]));
}

/** A message of this type: plain with one thing made wrong, mixed, or hostile all over. */
export function fuzzMessages(arbitraries: SchemaArbitraries, name: string): fc.Arbitrary<FuzzMessage> {
  const drawn = (hostility: Hostility, mutationsMax: number): fc.Arbitrary<FuzzMessage> =>
    fc.record({ tree: arbitraries.message(name, hostility), mutations: fc.array(mutation, { maxLength: mutationsMax }) });
  return fc.oneof(
    { weight: 2, arbitrary: drawn(0, 0) },
    { weight: 4, arbitrary: drawn(0, 1) },
    { weight: 3, arbitrary: drawn(10, 1) },
    { weight: 1, arbitrary: drawn(50, 2) },
  );
}

function fuzzCase(rpc: Rpc, message: fc.Arbitrary<FuzzMessage>): fc.Arbitrary<FuzzCase> {
  return fc.record({
    node: nodesOf(rpc),
    rpc: fc.constant(rpc),
    streamId: fc.oneof(
      { weight: 12, arbitrary: fc.constant<StreamIdChoice>("current") },
      { weight: 1, arbitrary: fc.constantFrom<StreamIdChoice[]>("none", "old", "garbage") },
    ),
    messages: fc.array(message, { minLength: 1, maxLength: rpc.kind === "bidi" ? streamMessagesMax : 1 }),
  });
}

function nodesOf({ service }: Rpc): fc.Arbitrary<FuzzCase["node"]> {
  if (commonServices.includes(service)) return fc.constantFrom("master", "agent");
  return fc.constant(agentServices.includes(service) ? "agent" : "master");
}

export function encodeMessage({ tree, mutations }: FuzzMessage, resolve: Resolve): Uint8Array {
  const mutated = mutations.reduce(mutateTree, tree);
  return mutations.reduce(mutateBytes, encodeTree(mutated, resolve));
}

/** As JSON for people, without what was done to the bytes. */
export function printMessage({ tree, mutations }: FuzzMessage, resolve: Resolve): string {
  const ofBytes = mutations.filter(({ kind }) => kind === "truncate" || kind === "flip").map((one) => JSON.stringify(one));
  return [printTree(mutations.reduce(mutateTree, tree), resolve), ...ofBytes].join(" then ");
}

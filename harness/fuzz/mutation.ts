/** One thing made wrong in a message: in one of its fields, or in its bytes. Small and independent, so that a failure shrinks well. */

import fc from "fast-check";
import { hostileBlob, hostileDouble, hostileInteger, hostileText } from "./hostile-values.ts";
import type { MessageTree, TreeField, TreeValue } from "./message-tree.ts";

export type Mutation =
  /** The field is not there. `at` counts fields in the order of the bytes, nested ones included. */
  | { readonly kind: "drop"; readonly at: number }
  /** The field stands there so often. */
  | { readonly kind: "repeat"; readonly at: number; readonly times: number }
  /** Another value, of the field's own kind or not. */
  | { readonly kind: "replace"; readonly at: number; readonly value: TreeValue }
  /** A field that no version of the contract has, beside this one. */
  | { readonly kind: "unknown"; readonly at: number; readonly number: number; readonly value: TreeValue }
  /** The bytes end here. */
  | { readonly kind: "truncate"; readonly at: number }
  /** One byte is another. */
  | { readonly kind: "flip"; readonly at: number; readonly mask: number };

const at = fc.nat({ max: 60 });

const anyHostile: fc.Arbitrary<TreeValue> = fc.oneof(
  hostileText,
  hostileBlob,
  hostileDouble,
  hostileInteger,
  fc.constant<TreeValue>({ kind: "fixed32", value: 0x7fc00000 }),
  fc.constantFrom(1, 31, 32, 33, 120, 5_000).map((depth): TreeValue => ({ kind: "nested", depth })),
  fc.constantFrom(1, 31, 32, 33, 120, 5_000).map((depth): TreeValue => ({ kind: "groups", depth })),
);

const unknownNumber = fc.constantFrom(15, 536, 18_999, 20_000, 536_870_911);

export const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("drop"), at }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("repeat"), at, times: fc.constantFrom(2, 2, 3, 300, 10_001) }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("replace"), at, value: anyHostile }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("unknown"), at, number: unknownNumber, value: anyHostile }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("truncate"), at: fc.nat({ max: 200 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("flip"), at: fc.nat({ max: 200 }), mask: fc.integer({ min: 1, max: 255 }) }) },
);

/** What the mutation does to the fields; those of bytes leave the tree alone. */
export function mutateTree(tree: MessageTree, change: Mutation): MessageTree {
  if (change.kind === "truncate" || change.kind === "flip") return tree;
  const count = countFields(tree);
  if (count === 0) return change.kind === "unknown" ? [unknownField(change.number, change.value)] : tree;
  return changeField(tree, change.at % count, (field) => mutateField(field, change));
}

/** What the mutation does to the bytes; those of fields leave them alone. */
export function mutateBytes(bytes: Uint8Array, change: Mutation): Uint8Array {
  if (bytes.length === 0) return bytes;
  if (change.kind === "truncate") return bytes.subarray(0, change.at % bytes.length);
  if (change.kind !== "flip") return bytes;
  const index = change.at % bytes.length;
  return bytes.map((byte, position) => (position === index ? byte ^ change.mask : byte));
}

function mutateField(field: TreeField, change: Exclude<Mutation, { kind: "truncate" | "flip" }>): MessageTree {
  switch (change.kind) {
    case "drop":
      return [];
    case "repeat":
      return [{ ...field, times: change.times }];
    case "replace":
      return [{ ...field, value: change.value }];
    case "unknown":
      return [field, unknownField(change.number, change.value)];
  }
}

function unknownField(number: number, value: TreeValue): TreeField {
  return { number, name: `field ${number}`, value };
}

function countFields(tree: MessageTree): number {
  return tree.reduce((count, { value }) => count + 1 + (value.kind === "message" ? countFields(value.fields) : 0), 0);
}

/** The tree with the field at this position, counted from the front, replaced by what `change` makes of it. */
function changeField(tree: MessageTree, position: number, change: (field: TreeField) => MessageTree): MessageTree {
  let left = position;
  return tree.flatMap((field) => {
    const mine = left--;
    if (mine === 0) return change(field);
    if (field.value.kind !== "message") return [field];
    const inner = countFields(field.value.fields);
    const inside = left >= 0 && left < inner;
    const fields = inside ? changeField(field.value.fields, left, change) : field.value.fields;
    left -= inner;
    return [{ ...field, value: { ...field.value, fields } }];
  });
}

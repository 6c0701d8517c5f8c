/** Offer constraints: which agents a framework wants to be offered, by role. What is malformed refuses the whole call, as in Mesos. */

import { type Result, succeed } from "../../common/result.ts";
import { roleProblem } from "../../common/roles.ts";
import { parseTextPattern } from "../../common/text-pattern.ts";
import {
  type AttributeConstraint_Predicate,
  type AttributeConstraint_Selector,
  type AttributeConstraint as ConstraintMessage,
  type OfferConstraints as ConstraintsMessage,
  type OfferConstraints_RoleConstraints,
  AttributeConstraint_Selector_PseudoattributeType as PseudoattributeType,
} from "../../protos/gen/mesos/v1/scheduler/scheduler.ts";
import type {
  AttributeConstraint,
  AttributePredicate,
  AttributeSelector,
  ConstraintGroup,
  OfferConstraints,
  RoleConstraints,
} from "../core/allocator/offer-constraints.ts";
import { constraintsMax } from "./limits.ts";
import { refuseArgument } from "./rules.ts";

/** Reads the constraints of all roles; `path` names the message in the refusal. */
export function decodeOfferConstraints(message: ConstraintsMessage | undefined, path: string): Result<OfferConstraints> {
  const entries = Object.entries(message?.roleConstraints ?? {});
  const count = entries.flatMap(([, { groups }]) => groups.flatMap((group) => group.attributeConstraints)).length;
  if (count > constraintsMax) return refuseArgument(`${path} must have at most ${constraintsMax} attribute constraints, has ${count}`);
  const constraints = new Map<string, RoleConstraints>();
  for (const [role, roleConstraints] of entries) {
    const rule = roleProblem(role);
    if (rule !== undefined) return refuseArgument(`${path}.role_constraints, role ${rule}`);
    const decoded = decodeRole(roleConstraints, `${path}.role_constraints["${role}"]`);
    if (!decoded.ok) return decoded;
    constraints.set(role, decoded.value);
  }
  return succeed(constraints);
}

function decodeRole({ groups }: OfferConstraints_RoleConstraints, path: string): Result<RoleConstraints> {
  if (groups.length === 0) return refuseArgument(`${path}.groups must not be empty`);
  const decoded: ConstraintGroup[] = [];
  for (const [index, { attributeConstraints }] of groups.entries()) {
    const group = decodeGroup(attributeConstraints, `${path}.groups[${index}].attribute_constraints`);
    if (!group.ok) return group;
    decoded.push(group.value);
  }
  return succeed(decoded);
}

function decodeGroup(messages: readonly ConstraintMessage[], path: string): Result<ConstraintGroup> {
  if (messages.length === 0) return refuseArgument(`${path} must not be empty`);
  const group: AttributeConstraint[] = [];
  for (const [index, { selector, predicate }] of messages.entries()) {
    const decodedSelector = decodeSelector(selector, `${path}[${index}].selector`);
    if (!decodedSelector.ok) return decodedSelector;
    const decodedPredicate = decodePredicate(predicate, `${path}[${index}].predicate`);
    if (!decodedPredicate.ok) return decodedPredicate;
    group.push({ selector: decodedSelector.value, predicate: decodedPredicate.value });
  }
  return succeed(group);
}

const pseudoattributes: ReadonlyMap<number, AttributeSelector> = new Map([
  [PseudoattributeType.HOSTNAME, { kind: "hostname" }],
  [PseudoattributeType.REGION, { kind: "region" }],
  [PseudoattributeType.ZONE, { kind: "zone" }],
]);

function decodeSelector(message: AttributeConstraint_Selector | undefined, path: string): Result<AttributeSelector> {
  const { attributeName, pseudoattributeType } = message ?? {};
  if ((attributeName === undefined) === (pseudoattributeType === undefined)) {
    return refuseArgument(`${path} must have exactly one of attribute_name and pseudoattribute_type`);
  }
  if (attributeName !== undefined) return succeed({ kind: "attribute", name: attributeName });
  const selector = pseudoattributes.get(pseudoattributeType ?? 0);
  return selector === undefined ? refuseArgument(`${path}.pseudoattribute_type must be HOSTNAME, REGION or ZONE`) : succeed(selector);
}

function decodePredicate(message: AttributeConstraint_Predicate | undefined, path: string): Result<AttributePredicate> {
  const { exists, notExists, textEquals, textNotEquals, textMatches, textNotMatches } = message ?? {};
  const set = [exists, notExists, textEquals, textNotEquals, textMatches, textNotMatches].filter((one) => one !== undefined);
  if (set.length !== 1) return refuseArgument(`${path} must have exactly one predicate, has ${set.length}`);
  if (exists !== undefined) return succeed({ kind: "exists" });
  if (notExists !== undefined) return succeed({ kind: "notExists" });
  if (textEquals !== undefined) return succeed({ kind: "textEquals", text: textEquals.value });
  if (textNotEquals !== undefined) return succeed({ kind: "textNotEquals", text: textNotEquals.value });
  const kind = textMatches === undefined ? "textNotMatches" : "textMatches";
  const field = textMatches === undefined ? "text_not_matches" : "text_matches";
  const pattern = parseTextPattern((textMatches ?? textNotMatches)?.regex ?? "");
  return pattern.ok ? succeed({ kind, pattern: pattern.value }) : refuseArgument(`${path}.${field}.regex ${pattern.refusal.message}`);
}

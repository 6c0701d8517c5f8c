/** Which agents a framework wants to be offered at all, by their attributes. Source: Mesos, offer_constraints_filter.cpp. */

import { assertNever } from "../../../common/assert.ts";
import type { TextPattern } from "../../../common/text-pattern.ts";
import type { AgentInfo, Attribute, Value_Type } from "../../../protos/gen/mesos/v1/mesos.ts";

/** By role. A role without an entry is not constrained. */
export type OfferConstraints = ReadonlyMap<string, RoleConstraints>;

/** An agent passes if one of the groups lets it through; there is at least one. */
export type RoleConstraints = readonly ConstraintGroup[];

/** All must hold; there is at least one. */
export type ConstraintGroup = readonly AttributeConstraint[];

export interface AttributeConstraint {
  readonly selector: AttributeSelector;
  readonly predicate: AttributePredicate;
}

export type AttributeSelector =
  | { readonly kind: "attribute"; readonly name: string }
  | { readonly kind: "hostname" }
  | { readonly kind: "region" }
  | { readonly kind: "zone" };

export type AttributePredicate =
  | { readonly kind: "exists" }
  | { readonly kind: "notExists" }
  | { readonly kind: "textEquals"; readonly text: string }
  | { readonly kind: "textNotEquals"; readonly text: string }
  | { readonly kind: "textMatches"; readonly pattern: TextPattern }
  | { readonly kind: "textNotMatches"; readonly pattern: TextPattern };

/** What constraints look at. */
export interface ConstrainedAgent {
  readonly hostname: string;
  readonly info: AgentInfo;
}

export function meetsConstraints(agent: ConstrainedAgent, constraints: RoleConstraints | undefined): boolean {
  return constraints === undefined || constraints.some((group) => group.every((constraint) => isMet(agent, constraint)));
}

/** What a selector finds; text predicates hold for whatever is not text. */
type Found = { readonly text: string } | "notText" | undefined;

function isMet(agent: ConstrainedAgent, { selector, predicate }: AttributeConstraint): boolean {
  const found = find(agent, selector);
  switch (predicate.kind) {
    case "exists":
      return found !== undefined;
    case "notExists":
      return found === undefined;
    case "textEquals":
      return found !== undefined && (found === "notText" || found.text === predicate.text);
    case "textNotEquals":
      return found === undefined || found === "notText" || found.text !== predicate.text;
    case "textMatches":
      return found !== undefined && (found === "notText" || predicate.pattern.matches(found.text));
    case "textNotMatches":
      return found === undefined || found === "notText" || !predicate.pattern.matches(found.text);
    default:
      return assertNever(predicate);
  }
}

function find({ hostname, info }: ConstrainedAgent, selector: AttributeSelector): Found {
  switch (selector.kind) {
    case "hostname":
      return { text: hostname };
    case "region":
      return toFound(info.domain?.faultDomain?.region?.name);
    case "zone":
      return toFound(info.domain?.faultDomain?.zone?.name);
    case "attribute": {
      // Of several with the name, only the first counts.
      const attribute = info.attributes.find(({ name }) => name === selector.name);
      return attribute === undefined ? undefined : attributeText(attribute);
    }
    default:
      return assertNever(selector);
  }
}

function toFound(text: string | undefined): Found {
  return text === undefined ? undefined : { text };
}

const textType: typeof Value_Type.TEXT = 3;

function attributeText({ type, text }: Attribute): Found {
  return type === textType ? { text: text?.value ?? "" } : "notText";
}

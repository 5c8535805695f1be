import type { Json } from '../common/json-value.ts';
import { enumerated } from '../common/text.ts';
import { awsMember, distinct, elementsOf, type IdPrefix, idOf, lineOf } from './aws-json.ts';

/** The request and the answer of an API call in CloudTrail. */
export interface ApiCall {
  /** `eventName` */
  readonly event: string;
  readonly request: Json;
  readonly response: Json;
  /** The request, the answer, and the objects and elements of lists in them: ids are members of these. */
  readonly parts: readonly Json[];
}

/** The most values of one kind that a change keeps. */
const maxValues = 50;

/** The most objects that are searched. */
const maxParts = 500;

/** Objects that are one level deeper than others. */
const deeper = ['requesterVpcInfo', 'accepterVpcInfo', 'assignedPrivateIpAddressSetType'];

/** Reads the request and the answer of a CloudTrail record. @param record an object */
export function readCall(event: string, record: Json): ApiCall {
  const request = unwrapped(awsMember(record, 'requestParameters'), /Req(?:uest)?$/);
  const response = unwrapped(awsMember(record, 'responseElements'), /Response$/);
  const outer = [request, response].flatMap((value) => [value, ...objectsIn(value)]);
  const inner = outer.flatMap((part) => deeper.flatMap((name) => elementsOf(awsMember(part, name))));
  return { event, request, response, parts: [...outer, ...inner].slice(0, maxParts) };
}

/** Some calls have their members in one object: `{CreateNatGatewayRequest: {...}}`. */
function unwrapped(value: Json, name: RegExp): Json {
  if (typeof value !== 'object' || value === null) return undefined;
  const members = Object.entries(value);
  return members.length === 1 && name.test(members[0]![0]) ? members[0]![1] : value;
}

function objectsIn(value: Json): Json[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value)
    .filter((member) => !Array.isArray(member))
    .flatMap((member) => elementsOf(member).filter((element) => typeof element === 'object' && element !== null));
}

/** Returns the texts of the members with a name in all parts of a call, printable and each once, at most 50. */
export function valuesOf(call: ApiCall, name: string): string[] {
  const elements = call.parts.flatMap((part) => elementsOf(awsMember(part, name)));
  return distinct(
    elements.map((element) => lineOf(awsMember(element, 'content') ?? element, 100)),
    maxValues,
  );
}

/** Returns the ids with the prefixes in the members with the names, each once, at most 50. */
export function idsOf(call: ApiCall, names: readonly string[], ...prefixes: readonly IdPrefix[]): string[] {
  return distinct(
    names.flatMap((name) => valuesOf(call, name)).map((value) => idOf(value, ...prefixes)),
    maxValues,
  );
}

/**
 * Puts values of a call into a text: `{subnetId}` becomes the values of the members with that name, and `{a|b}` those of
 * the first name that has values. A part in brackets is left out if it has no value.
 */
export function fillIn(template: string, call: ApiCall): string {
  const filled = (names: string) => {
    const values = names.split('|').map((name) => valuesOf(call, name));
    const first = values.find(({ length }) => length > 0);
    return first && shortList(first);
  };
  return template
    .replace(/\[([^\]{]*\{([^}]+)\}[^\]]*)\]/g, (_, part: string, names: string) =>
      filled(names) === undefined ? '' : part,
    )
    .replace(/\{([^}]+)\}/g, (_, names: string) => filled(names) ?? '(not named)');
}

/** Joins the first three items in a sentence, and counts the others: `a, b, c and 2 more`. */
export function shortList(items: readonly string[]): string {
  return enumerated(items.length <= 3 ? items : [...items.slice(0, 3), `${items.length - 3} more`]);
}

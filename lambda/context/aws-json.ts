import { epochSeconds, secondsOfIsoTime } from '../common/calendar.ts';
import { type Json, memberOf } from '../common/json-value.ts';
import { printable, truncate } from '../common/text.ts';
import { canonicalAddress } from '../networks/ip-address.ts';

/** A list of AWS has no more elements that matter: 1,000 are the largest page of EC2's answers. */
const maxElements = 1000;

/** The last second of the year 9999. */
const endOfTime = 253_402_300_799;

/**
 * Returns a member by its path. A name begins with a small or a capital letter: EventBridge writes `accountId`, the AWS
 * CLI and some requests in CloudTrail write `AccountId`. Undefined if the path does not exist; never throws.
 */
export function awsMember(value: Json, ...path: readonly string[]): Json {
  return path.reduce<Json>(
    (inner, name) => memberOf(inner, name) ?? memberOf(inner, name[0]!.toUpperCase() + name.slice(1)) ?? undefined,
    value,
  );
}

/**
 * Returns the elements of a list, at most 1,000. CloudTrail writes a list as an array, as `{items: [...]}` or as
 * `{item: [...]}`. A list of one may be its element, and an empty list is `{}` or an empty text.
 */
export function elementsOf(value: Json): readonly Json[] {
  const inner = memberOf(value, 'items') ?? memberOf(value, 'item') ?? value;
  if (Array.isArray(inner)) return inner.slice(0, maxElements);
  if (typeof inner === 'object' && inner !== null) return Object.keys(inner).length === 0 ? [] : [inner];
  return inner === undefined || inner === null || inner === '' ? [] : [inner];
}

/** The kinds of resources whose ids are read, by the prefix of the id. */
export type IdPrefix = 'acl' | 'eni' | 'i' | 'mi' | 'pl' | 'rtb' | 'sg' | 'subnet' | 'vpc';

/**
 * Returns the id of a resource, such as `i-0a1b2c3d4e5f60718`; undefined for any other value. CloudTrail writes an element
 * of a list as `{content: 'i-...', tag: 1}` too. Anonymised records have ids with capital letters, so they are valid.
 */
export function idOf(value: Json, ...prefixes: readonly IdPrefix[]): string | undefined {
  const text = memberOf(value, 'content') ?? value;
  if (typeof text !== 'string' || !/^[a-z]+-[a-zA-Z0-9-]{1,64}$/.test(text)) return undefined;
  return prefixes.some((prefix) => text.startsWith(`${prefix}-`)) ? text : undefined;
}

/** Returns the id of an event or of a finding: letters, digits and dashes, at most 128; undefined for any other value. */
export function eventIdOf(value: Json): string | undefined {
  return typeof value === 'string' && /^[a-zA-Z0-9-]{1,128}$/.test(value) ? value : undefined;
}

/** Returns the id of an account, twelve digits; undefined for any other value. */
export function accountOf(value: Json): string | undefined {
  return typeof value === 'string' && /^\d{12}$/.test(value) ? value : undefined;
}

/** Returns the name of a Region; undefined for any other value. */
export function regionOf(value: Json): string | undefined {
  return typeof value === 'string' && /^[a-z0-9-]{1,32}$/.test(value) ? value : undefined;
}

/** Returns the canonical spelling of an address; undefined for any other value. */
export function addressOf(value: Json): string | undefined {
  return typeof value === 'string' ? canonicalAddress(value) : undefined;
}

/** Returns a whole number that is a number or decimal digits, from -1 to 2^53 - 1; undefined for any other value. */
export function wholeNumberOf(value: Json): number | undefined {
  const number = typeof value === 'string' && /^(?:-1|\d{1,15})$/.test(value) ? Number(value) : value;
  return Number.isSafeInteger(number) && (number as number) >= -1 ? (number as number) : undefined;
}

/** Returns a time in epoch seconds, from ISO 8601, epoch seconds or epoch milliseconds; undefined for any other value. */
export function timeOf(value: Json): number | undefined {
  if (typeof value !== 'number') return secondsOfIsoTime(value);
  const seconds = Math.floor(epochSeconds(value));
  return seconds > 0 && seconds <= endOfTime ? seconds : undefined;
}

/** Returns a text on one line, printable and of at most `length` characters; undefined if none is left. */
export function lineOf(value: Json, length: number): string | undefined {
  const text = typeof value === 'string' ? printable(truncate(value, length)) : '';
  return text === '' ? undefined : text;
}

/** Returns the value of the tag `Name` in a list of tags, at most 256 characters (EC2 User Guide, "Tag restrictions"). */
export function nameTagOf(tags: Json): string | undefined {
  const tag = elementsOf(tags).find((one) => awsMember(one, 'key') === 'Name');
  return lineOf(awsMember(tag, 'value'), 256);
}

/** Returns the values that are not undefined, each once, at most `limit`. */
export function distinct<T>(values: Iterable<T | undefined>, limit: number): T[] {
  const found = new Set<T>();
  for (const value of values) {
    if (found.size === limit) break;
    if (value !== undefined) found.add(value);
  }
  return [...found];
}

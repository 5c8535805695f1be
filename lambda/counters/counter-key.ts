import { createHash } from 'node:crypto';
import { isOfPairs } from '../rules/correlation.ts';

/** The identity of a counter: the values of the fields that group its flows. */
export interface CounterKey {
  /** The table's partition key. */
  readonly pk: string;
  /** The group-by fields in alphabetical order, with their values. */
  readonly fields: ReadonlyMap<string, string>;
}

/** In characters of up to three bytes. A DynamoDB partition key has at most 2,048 bytes (Developer Guide, "Quotas"). */
const maxKeyLength = 512;

/**
 * Returns the key of a group: `pair#<src>#<dst>` for a pair, `src#<addr>` for a source, and `group#<fields>#<values>` for
 * any other group. Keys are unique: a `#` within a value is escaped, and long values are hashed (`%h<hash>`, which no
 * escaped value contains).
 *
 * @param groupBy field names in alphabetical order
 */
export function counterKey(groupBy: readonly string[], values: readonly string[]): CounterKey {
  const fields = new Map(groupBy.map((name, index) => [name, values[index]!]));
  const joined = groupBy.join(',');
  if (isOfPairs(groupBy)) return { pk: `pair#${values[1]}#${values[0]}`, fields };
  if (joined === 'srcaddr') return { pk: `src#${values[0]}`, fields };
  const escaped = values.map((value) => value.replace(/[%#]/g, (char) => (char === '#' ? '%23' : '%25'))).join('#');
  const text = escaped.length <= maxKeyLength ? escaped : `%h${createHash('sha256').update(escaped).digest('hex')}`;
  return { pk: `group#${joined}#${text}`, fields };
}

/** Returns whether a key is the key of a pair. */
export function isPair({ pk }: Pick<CounterKey, 'pk'>): boolean {
  return pk.startsWith('pair#');
}

/** Returns the key of the counter of a pair. */
export function pairKey(src: string, dst: string): CounterKey {
  return counterKey(['dstaddr', 'srcaddr'], [dst, src]);
}

/** The wildcard endpoint of an overflow counter. As a source it may name the port of the target: `*:22`. */
export const anyAddress = '*';

/** Returns whether a value is a wildcard endpoint. */
export function isAnyAddress(value: string): boolean {
  return value === anyAddress || portOfAny(value) !== undefined;
}

/** Returns the port of a wildcard endpoint; undefined for any other value. */
export function portOfAny(value: string): string | undefined {
  return /^\*:(\d{1,5})$/.exec(value)?.[1];
}

/** Returns the fields of a key without wildcard endpoints. */
export function namedKey(key: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(key).filter(([, value]) => !isAnyAddress(value));
}

/** Returns whether the rule's present version groups by the fields of the counter's key. */
export function groupsBy({ groupBy }: { readonly groupBy: readonly string[] }, { fields }: CounterKey): boolean {
  return groupBy.length === fields.size && groupBy.every((name) => fields.has(name));
}

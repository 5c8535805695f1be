import { createHash } from 'node:crypto';
import { isOfPairs } from '../rules/correlation.ts';

/** What a counter is kept for: the values of the fields by which flows are grouped. */
export interface CounterKey {
  /** The table's partition key. */
  readonly pk: string;
  /** The group-by fields in alphabetical order, with their values. */
  readonly fields: ReadonlyMap<string, string>;
}

/** DynamoDB takes partition keys of up to 2,048 bytes (Developer Guide, "Quotas"); a character has up to three. */
const maxKeyLength = 512;

/**
 * The key of a group: `pair#<src>#<dst>` for a pair, `src#<addr>` for a source, and for any other grouping the fields'
 * names and values. No two groups share a key: a `#` within a value is escaped, and what is too long is hashed (`%h`,
 * which no escaped text holds).
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

/** Whether a key is that of a pair. */
export function isPair({ pk }: Pick<CounterKey, 'pk'>): boolean {
  return pk.startsWith('pair#');
}

/** The key of a pair's counter. */
export function pairKey(src: string, dst: string): CounterKey {
  return counterKey(['dstaddr', 'srcaddr'], [dst, src]);
}

/** The end of a pair that stands for any. */
export const anyAddress = '*';

/** Those of a key's fields that name something: all but the end that stands for any, in a flood. */
export function namedKey(key: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(key).filter(([, value]) => value !== anyAddress);
}

/** Whether the rule, as it is now, groups by what the counter is kept for. */
export function groupsBy({ groupBy }: { readonly groupBy: readonly string[] }, { fields }: CounterKey): boolean {
  return groupBy.length === fields.size && groupBy.every((name) => fields.has(name));
}

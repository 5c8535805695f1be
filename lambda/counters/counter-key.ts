import { createHash } from 'node:crypto';
import { type KeyScope, scopeOfWords } from '../flow-log/scope.ts';
import { isOfPairs } from '../rules/correlation.ts';

/** The identity of a counter: the values of the fields that group its flows. */
export interface CounterKey {
  /** The table's partition key. */
  readonly pk: string;
  /** The group-by fields in alphabetical order, with their values. */
  readonly fields: ReadonlyMap<string, string>;
  /** The account, and the VPC, of the flows; undefined unless a setting keeps them apart. */
  readonly scope?: KeyScope;
}

/** In characters of up to three bytes. A DynamoDB partition key has at most 2,048 bytes (Developer Guide, "Quotas"). */
const maxKeyLength = 512;

/**
 * Returns the key of a group: `pair#<src>#<dst>` for a pair, `src#<addr>` for a source, and `group#<fields>#<values>` for
 * any other group; then the scope, if any, as `#<account>` or `#<account>/<vpc>`. Keys are unique: a `#` within a value
 * is escaped, and long values are hashed (`%h<hash>`, which no escaped value contains).
 *
 * @param groupBy field names in alphabetical order
 */
export function counterKey(groupBy: readonly string[], values: readonly string[], scope?: KeyScope): CounterKey {
  const fields = new Map(groupBy.map((name, index) => [name, values[index]!]));
  const pk = keyOfGroup(groupBy, values);
  return scope ? { pk: `${pk}#${Object.values(scope).join('/')}`, fields, scope } : { pk, fields };
}

function keyOfGroup(groupBy: readonly string[], values: readonly string[]): string {
  const joined = groupBy.join(',');
  if (isOfPairs(groupBy)) return `pair#${values[1]}#${values[0]}`;
  if (joined === 'srcaddr') return `src#${values[0]}`;
  const text = values.map((value) => value.replace(/[%#]/g, (char) => (char === '#' ? '%23' : '%25'))).join('#');
  const isShort = text.length <= maxKeyLength;
  return `group#${joined}#${isShort ? text : `%h${createHash('sha256').update(text).digest('hex')}`}`;
}

/** Returns whether a key is the key of a pair. */
export function isPair({ pk }: Pick<CounterKey, 'pk'>): boolean {
  return pk.startsWith('pair#');
}

/** Returns the key of the counter of a pair. */
export function pairKey(src: string, dst: string, scope?: KeyScope): CounterKey {
  return counterKey(['dstaddr', 'srcaddr'], [dst, src], scope);
}

/** Returns the endpoints of a pair by its partition key. */
export function endpointsOfKey(pk: string): { readonly src: string; readonly dst: string } {
  const [, src = '', dst = ''] = pk.split('#');
  return { src, dst };
}

/** Returns the scope in a partition key: what follows the endpoints or values; undefined without a scope. */
export function scopeOfKey(pk: string): KeyScope | undefined {
  const [kind, first = '', ...others] = pk.split('#');
  const numberOfValues =
    kind === 'src' ? 0 : kind === 'pair' || others[0]?.startsWith('%h') ? 1 : first.split(',').length;
  return scopeOfWords(others[numberOfValues]?.split('/') ?? []);
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

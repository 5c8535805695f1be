import { type CounterKey, counterKey, pairKey, scopeOfKey } from '../../counters/counter-key.ts';

const pairPrefix = 'pair#';

/**
 * Returns the key that a partition key names by itself: a pair, a source, or a group whose values are not hashed, each
 * with its scope. Undefined for any other partition key: its fields must be stored.
 */
export function keyOfText(pk: string): CounterKey | undefined {
  const scope = scopeOfKey(pk);
  if (!scope) return keyWithoutScope(pk);
  const key = keyWithoutScope(pk.slice(0, pk.lastIndexOf('#')));
  return key && { ...key, pk, scope };
}

function keyWithoutScope(pk: string): CounterKey | undefined {
  const [kind, first, ...rest] = pk.split('#') as [string, ...string[]];
  if (first === undefined) return undefined;
  if (kind === 'pair' && rest.length === 1) return pairKey(first, rest[0]!);
  if (kind === 'src' && rest.length === 0) return counterKey(['srcaddr'], [first]);
  if (kind !== 'group' || rest.length === 0) return undefined;
  const names = first.split(',');
  if (names.length !== rest.length) return undefined;
  const values = rest.map((value) => value.replace(/%2[35]/g, (code) => (code === '%23' ? '#' : '%')));
  const key = counterKey(names, values);
  return key.pk === pk ? key : undefined;
}

/** Returns whether the partition key names all fields of a key, in their order: see keyOfText. */
export function isNamed(key: CounterKey): boolean {
  if (isPlain(key)) return true;
  const named = keyOfText(key.pk)?.fields;
  if (named?.size !== key.fields.size) return false;
  const names = named.entries();
  for (const [name, value] of key.fields) {
    const [namedName, namedValue] = names.next().value!;
    if (name !== namedName || value !== namedValue) return false;
  }
  return true;
}

/** Returns true for the most common keys that isNamed accepts: the fast path of a batch. */
function isPlain({ pk, fields }: CounterKey): boolean {
  const [name] = fields.keys();
  const src = fields.get('srcaddr');
  if (fields.size === 2 && name === 'dstaddr' && src !== undefined) {
    const dst = fields.get(name)!;
    return pk === `${pairPrefix}${src}#${dst}` && !src.includes('#') && !dst.includes('#');
  }
  if (fields.size !== 1 || name!.includes(',') || name!.includes('#')) return false;
  const value = fields.get(name!)!;
  return pk === `${name === 'srcaddr' ? 'src' : `group#${name}`}#${value}` && /^[\w.:-]{0,100}$/.test(value);
}

/** Writes the eight bytes of a pair of IPv4 addresses to `bytes`; returns whether the partition key is exactly that. */
export function readIpv4Pair(pk: string, bytes: Uint8Array): boolean {
  if (!pk.startsWith(pairPrefix)) return false;
  const middle = readIpv4(pk, pairPrefix.length, bytes, 0);
  return pk[middle] === '#' && readIpv4(pk, middle + 1, bytes, 4) === pk.length;
}

/** Returns the partition key of eight bytes: see readIpv4Pair. */
export function ipv4PairOf(bytes: Uint8Array): string {
  return `${pairPrefix}${textOfIpv4(bytes, 0)}#${textOfIpv4(bytes, 4)}`;
}

/** Writes the four bytes of an IPv4 address in a text; returns the index behind it, or -1 if none begins at `from`. */
export function readIpv4(text: string, from: number, bytes: Uint8Array, offset: number): number {
  let at = from;
  for (let index = 0; index < 4; index += 1) {
    if (index > 0 && text[at++] !== '.') return -1;
    const first = at;
    let value = 0;
    for (; at < text.length; at += 1) {
      const digit = text.charCodeAt(at) - zero;
      if (digit < 0 || digit > 9) break;
      // A leading zero is another spelling of the address.
      if (at > first && value === 0) return -1;
      value = value * 10 + digit;
      if (value > 255) return -1;
    }
    if (at === first) return -1;
    bytes[offset + index] = value;
  }
  return at;
}

/** Returns the text of the four bytes of an IPv4 address. */
export function textOfIpv4(bytes: Uint8Array, offset: number): string {
  return `${bytes[offset]}.${bytes[offset + 1]}.${bytes[offset + 2]}.${bytes[offset + 3]}`;
}

const zero = 0x30;

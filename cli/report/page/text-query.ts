import {
  addressGroups,
  canonicalAddress,
  groupMask,
  isInNetwork,
  type Network,
} from '../../../lambda/networks/ip-address.ts';

/** A search text: an address finds itself, a network the addresses in it, and other text each text that contains it. */
export interface TextQuery {
  readonly kind: 'all' | 'address' | 'network' | 'text';
  /** The text as given, without blanks around it. */
  readonly text: string;
  /** @param text further text, which only a query for text reads */
  matches(addresses: Iterable<string>, text: string): boolean;
}

/**
 * Parses a search text. A network is in CIDR notation; bits after its prefix are ignored, since `10.0.1.5/24` is how tools
 * print the address of an interface.
 */
export function textQuery(given: string): TextQuery {
  const text = given.trim();
  if (text === '') return { kind: 'all', text, matches: () => true };
  const address = canonicalAddress(text);
  if (address !== undefined)
    return { kind: 'address', text, matches: (addresses) => some(addresses, (one) => one === address) };
  const network = networkOf(text);
  if (network) {
    const isIn = cached((one) => {
      const groups = addressGroups(one);
      return groups !== undefined && isInNetwork(groups, network);
    });
    return { kind: 'network', text, matches: (addresses) => some(addresses, isIn) };
  }
  const lower = text.toLowerCase();
  return { kind: 'text', text, matches: (_addresses, searched) => searched.toLowerCase().includes(lower) };
}

function networkOf(text: string): Network | undefined {
  const [, address = '', prefix = ''] = /^([^/]*)\/(\d{1,3})$/.exec(text) ?? [];
  const groups = addressGroups(address);
  const length = Number(prefix);
  if (!groups || length > groups.length * 16) return undefined;
  return { groups: groups.map((group, index) => group & groupMask(length, index)), length };
}

/** Returns whether a test finds any of some texts. */
export function some(all: Iterable<string>, isFound: (one: string) => boolean): boolean {
  for (const one of all) if (isFound(one)) return true;
  return false;
}

function cached(test: (text: string) => boolean): (text: string) => boolean {
  const known = new Map<string, boolean>();
  return (text) => {
    const result = known.get(text) ?? test(text);
    known.set(text, result);
    return result;
  };
}

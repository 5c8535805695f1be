import { canonicalAddress } from '../networks/ip-address.ts';

/** What a name is looked up for: a network interface, or an address as the flows have it. */
export type NameKey =
  | { readonly interface: string }
  | {
      readonly address: string;
      /** The VPC of the flows; the interface that logged them if the records have no VPC. */
      readonly place: string;
    };

/** Ids have 8 or 17 hexadecimal digits (EC2 User Guide, "Resource IDs"). */
const interfaceId = /^eni-(?:[0-9a-f]{17}|[0-9a-f]{8})$/;
const vpcId = /^vpc-(?:[0-9a-f]{17}|[0-9a-f]{8})$/;

/** Returns whether a text is the id of a network interface. */
export function isInterfaceId(text: string): boolean {
  return interfaceId.test(text);
}

/** Returns whether a text is the id of a VPC. */
export function isVpcId(text: string): boolean {
  return vpcId.test(text);
}

/** Returns the text of a key, at most 80 characters: `interface#eni-0a`, `address#vpc-0a#10.0.3.30`. */
export function nameKeyText(key: NameKey): string {
  return 'interface' in key ? `interface#${key.interface}` : `address#${key.place}#${key.address}`;
}

/** Reads the text of a key; undefined for any other text. */
export function readNameKey(text: string): NameKey | undefined {
  const [kind, first = '', second = ''] = text.split('#');
  const key = kind === 'interface' ? { interface: first } : { address: second, place: first };
  // Also the number of parts, and the kind, are those of the key.
  if (nameKeyText(key) !== text) return undefined;
  if (kind === 'interface') return isInterfaceId(first) ? key : undefined;
  return canonicalAddress(second) === second && (isInterfaceId(first) || isVpcId(first)) ? key : undefined;
}

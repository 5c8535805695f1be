import type { AlertBody } from '../../../lambda/alert/alert-body.ts';
import { canonicalAddress } from '../../../lambda/networks/ip-address.ts';

/** Returns the addresses of an alert: those of its keys, or those of its evidence if the keys have none. */
export function endpointsOf({ key, digest, evidence }: Pick<AlertBody, 'key' | 'digest' | 'evidence'>): string[] {
  const keys = [key, ...(digest?.keys.map((one) => one.key) ?? [])];
  const named = keys.flatMap((one) => Object.values(one)).filter(isAddress);
  if (named.length > 0) return [...new Set(named)];
  const seen = [evidence.srcaddr, evidence.dstaddr].flatMap((values) => (Array.isArray(values) ? values : []));
  return [...new Set(seen.map(String))];
}

/** Returns all addresses that an alert names: of its keys, its evidence and its distinct values. */
export function addressesOf({ key, digest, evidence, distinct, evidences }: AlertBody): Set<string> {
  const keys = [key, ...(digest?.keys.map((one) => one.key) ?? [])].flatMap((one) => Object.values(one));
  const seen = Object.values(evidence).flatMap((values) => (Array.isArray(values) ? values.map(String) : []));
  const flows = evidences.flatMap(({ src_endpoint: src, dst_endpoint: dst }) => [src?.ip ?? '', dst?.ip ?? '']);
  return new Set([...keys, ...seen, ...flows, ...(distinct?.values.flat().map(String) ?? [])].filter(isAddress));
}

/** Returns whether a text is an address in the canonical spelling, which the values of alerts and pairs have. */
export function isAddress(text: string): boolean {
  return canonicalAddress(text) === text;
}

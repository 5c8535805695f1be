import type { AlertBody } from '../../../lambda/alert/alert-body.ts';
import { canonicalAddress } from '../../../lambda/networks/ip-address.ts';

/** Returns the addresses of an alert: those of its keys, or those of its evidence if the keys have none. */
export function endpointsOf(body: Pick<AlertBody, 'key' | 'digest' | 'evidence'>): string[] {
  const { evidence } = body;
  const named = keyValuesOf(body).filter(isAddress);
  if (named.length > 0) return [...new Set(named)];
  const seen = [evidence.srcaddr, evidence.dstaddr].flatMap((values) => (Array.isArray(values) ? values : []));
  return [...new Set(seen.map(String))];
}

/** Returns all addresses that an alert names: of its keys, its evidence and its distinct values. */
export function addressesOf(body: AlertBody): Set<string> {
  const flows = body.evidences.flatMap(({ src_endpoint: src, dst_endpoint: dst }) => [src?.ip ?? '', dst?.ip ?? '']);
  return new Set([...namedValuesOf(body), ...flows].filter(isAddress));
}

/** Returns the values of an alert's keys, evidence and distinct values. */
export function namedValuesOf(body: AlertBody): string[] {
  const seen = Object.values(body.evidence).flatMap((values) => (Array.isArray(values) ? values : []));
  return [...keyValuesOf(body), ...[...seen, ...(body.distinct?.values.flat() ?? [])].map(String)];
}

function keyValuesOf({ key, digest }: Pick<AlertBody, 'key' | 'digest'>): string[] {
  return [key, ...(digest?.keys.map((one) => one.key) ?? [])].flatMap((one) => Object.values(one));
}

/** Returns whether a text is an address in the canonical spelling, which the values of alerts and pairs have. */
export function isAddress(text: string): boolean {
  return canonicalAddress(text) === text;
}

import type { AlertBody } from '../../../lambda/alert/alert-body.ts';

/** Returns the addresses of an alert: those of its keys, or those of its evidence if the keys have none. */
export function endpointsOf({ key, digest, evidence }: Pick<AlertBody, 'key' | 'digest' | 'evidence'>): string[] {
  const keys = [key, ...(digest?.keys.map((one) => one.key) ?? [])];
  const named = keys.flatMap((one) => Object.values(one)).filter(isAddress);
  if (named.length > 0) return [...new Set(named)];
  const seen = [evidence.srcaddr, evidence.dstaddr].flatMap((values) => (Array.isArray(values) ? values : []));
  return [...new Set(seen.map(String))];
}

/** Returns whether a value of a key is an address; the values have the canonical spelling. */
function isAddress(text: string): boolean {
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(text) || /^[\da-f]*:[\da-f:.]*:[\da-f.]*$/.test(text);
}

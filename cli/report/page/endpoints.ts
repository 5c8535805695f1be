import type { AlertBody } from '../../../lambda/alert/alert-body.ts';

/** The addresses that an alert is about: of its keys, or else of its evidence. */
export function endpointsOf({ key, digest, evidence }: Pick<AlertBody, 'key' | 'digest' | 'evidence'>): string[] {
  const keys = [key, ...(digest?.keys.map((one) => one.key) ?? [])];
  const named = keys.flatMap((one) => Object.values(one)).filter(isAddress);
  if (named.length > 0) return [...new Set(named)];
  const seen = [evidence.srcaddr, evidence.dstaddr].flatMap((values) => (Array.isArray(values) ? values : []));
  return [...new Set(seen.map(String))];
}

/** Whether a key's value looks like an address: those that are one are in their canonical spelling already. */
function isAddress(text: string): boolean {
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(text) || /^[\da-f]*:[\da-f:.]*:[\da-f.]*$/.test(text);
}

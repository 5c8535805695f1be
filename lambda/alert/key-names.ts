import { evidenceOf } from '../aggregate/evidence.ts';
import { keyOf } from '../counters/delta.ts';
import type { Finding } from '../evaluate/finding.ts';
import type { AddressSources } from './address-sources.ts';
import { certainNames } from './known-names.ts';
import { shortRegion } from './where-text.ts';
import { shortName } from './who-text.ts';

/** Returns short names, or regions, of the addresses and the interface in a finding's key, by these values; undefined if none is known. */
export function keyNames(
  { rule, delta, record }: Finding,
  sources: AddressSources,
): Record<string, string> | undefined {
  if (!sources.names && !sources.regions && !sources.tagKeys) return undefined;
  const { ofAddress, ofInterface, regionOf } = certainNames(sources, evidenceOf(rule, delta.evidence), record.from);
  const known = Object.entries(keyOf(rule, delta)).flatMap(([field, value]) => {
    const interfaces = field === 'interface-id' ? ofInterface(value) : ofAddress(value);
    const texts = interfaces.length > 0 ? interfaces.map(shortName) : regionOf(value).map(shortRegion);
    return texts.map((text) => [value, text]);
  });
  return known.length === 0 ? undefined : Object.fromEntries(known);
}

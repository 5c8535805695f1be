import { evidenceOf } from '../aggregate/evidence.ts';
import { truncateStart } from '../common/text.ts';
import { keyOf } from '../counters/delta.ts';
import type { Finding } from '../evaluate/finding.ts';
import type { AddressSources } from './address-sources.ts';
import { certainNames } from './known-names.ts';
import { shortRegion } from './where-text.ts';
import { shortName } from './who-text.ts';

/** The most characters of a name that a host asked for. */
const maxNameLength = 64;

/**
 * Returns short names of the addresses and the interface in a finding's key, by these values: of who has an address, the name
 * that the other end asked for, or the region. Undefined if none is known.
 */
export function keyNames(
  { rule, delta, record }: Finding,
  sources: AddressSources,
): Record<string, string> | undefined {
  if (!sources.names && !sources.regions && !sources.tagKeys && !sources.dns) return undefined;
  const { ofAddress, ofInterface, regionOf, askedFor } = certainNames(
    sources,
    evidenceOf(rule, delta.evidence),
    record,
  );
  const key = keyOf(rule, delta);
  const known = Object.entries(key).flatMap(([field, value]) => {
    const interfaces = field === 'interface-id' ? ofInterface(value) : ofAddress(value);
    const [text] = [
      ...interfaces.map(shortName),
      ...Object.values(key).flatMap((other) =>
        askedFor(other, value).map((name) => truncateStart(name, maxNameLength)),
      ),
      ...regionOf(value).map(shortRegion),
    ];
    return text === undefined ? [] : [[value, text]];
  });
  return known.length === 0 ? undefined : Object.fromEntries(known);
}

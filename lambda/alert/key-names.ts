import { evidenceOf } from '../aggregate/evidence.ts';
import { keyOf } from '../counters/delta.ts';
import type { Finding } from '../evaluate/finding.ts';
import type { NameSource } from '../names/known-interface.ts';
import { knownNames } from './known-names.ts';
import { shortName } from './who-text.ts';

/** Returns the short names of the addresses and the interface in a finding's key, by these values; undefined if nobody is known. */
export function keyNames({ rule, delta }: Finding, names: NameSource | undefined): Record<string, string> | undefined {
  const { ofAddress, ofInterface } = knownNames(names, evidenceOf(rule, delta.evidence));
  const known = Object.entries(keyOf(rule, delta)).flatMap(([field, value]) =>
    (field === 'interface-id' ? ofInterface(value) : ofAddress(value)).map((one) => [value, shortName(one)]),
  );
  return known.length === 0 ? undefined : Object.fromEntries(known);
}

import { evidenceOf } from '../aggregate/evidence.ts';
import type { Quantity } from '../common/quantity.ts';
import { isAnyAddress, isPair } from '../counters/counter-key.ts';
import type { Finding } from '../evaluate/finding.ts';
import { isInAnyNetwork, type Network } from '../networks/ip-address.ts';

/** The accepted traffic of a key: with data, without data, or none that is known. */
export type Access = 'data' | 'accepted' | 'refused';

const accesses: readonly Access[] = ['data', 'accepted', 'refused'];

/** The properties of an alert that decide its place among the alerts of its rule. */
export interface Standing {
  readonly access: Access;
  /** Whether the source is in the inside networks. */
  readonly isInside: boolean;
  readonly multiple: number;
  readonly value: Quantity;
  readonly pk: string;
  readonly id: string;
}

/**
 * Compares two alerts of one rule: the most telling first. Properties that a spoofed source cannot have come first:
 * see docs/decisions/0022-digests-begin-with-what-got-in.md. The order is total, since ids differ.
 */
export function compareStandings(a: Standing, b: Standing): number {
  return (
    accesses.indexOf(a.access) - accesses.indexOf(b.access) ||
    Number(b.isInside) - Number(a.isInside) ||
    b.multiple - a.multiple ||
    compare(b.value, a.value) ||
    compare(a.pk, b.pk) ||
    compare(a.id, b.id)
  );
}

/** Returns findings of one rule, the most telling first. The order of the findings does not matter. */
export function mostTellingFirst(
  findings: readonly Finding[],
  insideNetworks: readonly Network[] | undefined,
): Finding[] {
  return findings
    .map((finding) => ({ finding, standing: standingOf(finding, insideNetworks ?? []) }))
    .sort((a, b) => compareStandings(a.standing, b.standing))
    .map(({ finding }) => finding);
}

function standingOf(finding: Finding, insideNetworks: readonly Network[]): Standing {
  const { delta, record } = finding;
  const { pk, fields } = delta.key;
  const { multiple, value, id } = record;
  return {
    access: accessOf(finding),
    isInside: isInside(fields.get('srcaddr'), insideNetworks),
    multiple,
    value,
    pk,
    id,
  };
}

/** Returns whether a key's source is in the inside networks; false for a key without a source. */
export function isInside(source: string | undefined, insideNetworks: readonly Network[]): boolean {
  return source !== undefined && isInAnyNetwork(source, insideNetworks);
}

function accessOf({ rule, delta, counter }: Finding): Access {
  if (isPair(delta.key)) return accessOfPair(delta.key.pk, counter.bytes);
  const actions = evidenceOf(rule, delta.evidence)?.values.get('action') ?? [];
  return actions.includes('ACCEPT') ? 'accepted' : 'refused';
}

/** At most seven unanswered SYNs of 80 bytes each (IPv6), as in the rules: a spoofed source can send these. */
const maxBytesWithoutData = 560;

/**
 * Returns the accepted traffic of a pair, from its accepted bytes since its first flow. An overflow pair counts many
 * pairs together, so its bytes show nothing about one of them.
 */
export function accessOfPair(pk: string, bytes: Quantity): Access {
  if (bytes <= 0 || pk.split('#').some(isAnyAddress)) return 'refused';
  return bytes > maxBytesWithoutData ? 'data' : 'accepted';
}

function compare<T extends Quantity | string>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

import type { AddressSources } from '../../lambda/alert/address-sources.ts';
import type { AlertBody } from '../../lambda/alert/alert-body.ts';
import { printable, truncate } from '../../lambda/common/text.ts';
import type { AddressHints } from '../../lambda/names/known-interface.ts';
import type { PairCounter } from '../statistics/pair-counter.ts';
import { addressesOf } from './page/endpoints.ts';
import type { AddressFacts, ReportedAddresses } from './page/report-data.ts';

/** Maximum number of characters of the facts as JSON columns; compressed in the file they take about a fifth. */
const maxFactCharacters = 4_000_000;

/** Maximum number of characters of a text that anyone in the account, or the author of a table, writes. */
const maxTextLength = 64;

/**
 * Returns what the sources know of the addresses in a report: of those of alerts first, then of those of the busiest pairs,
 * until the limit of characters. Undefined without a source.
 */
export function reportedAddresses(
  pairs: readonly PairCounter[],
  alerts: readonly AlertBody[],
  sources: AddressSources,
  maxCharacters: number = maxFactCharacters,
): ReportedAddresses | undefined {
  const { names, regions } = sources;
  if (!names && !regions) return undefined;
  const vpcs = vpcsOf(pairs);
  const addresses = new Set(alerts.flatMap((body) => [...addressesOf(body)]));
  for (const { src, dst } of pairs) addresses.add(src).add(dst);
  const size = new FactsSize();
  const known: AddressFacts[] = [];
  let unlisted = 0;
  for (const address of addresses) {
    const facts = factsOf(address, hintsOf(vpcs.get(address)), sources);
    if (!facts) continue;
    if (unlisted === 0 && size.add(facts) <= maxCharacters) known.push(facts);
    else unlisted += 1;
  }
  return {
    hasNames: names !== undefined,
    ...(names?.time !== undefined && { namesTime: names.time }),
    ...(regions && { regionsTime: regions.dataTime }),
    addresses: known,
    unlisted,
  };
}

/** Returns the VPCs of the scopes of each address. */
function vpcsOf(pairs: readonly PairCounter[]): ReadonlyMap<string, ReadonlySet<string>> {
  const all = new Map<string, Set<string>>();
  for (const { src, dst, scope } of pairs) {
    const vpc = scope?.['vpc-id'];
    if (vpc === undefined) continue;
    for (const address of [src, dst]) all.set(address, (all.get(address) ?? new Set()).add(vpc));
  }
  return all;
}

/** An address in several VPCs has no name if they do not decide: the table of a report has one name for each address. */
function hintsOf(vpcs: ReadonlySet<string> | undefined): AddressHints {
  return { own: [], interfaces: [], vpcs: [...(vpcs ?? [])], isInVpcs: vpcs !== undefined };
}

function factsOf(address: string, hints: AddressHints, { names, regions }: AddressSources): AddressFacts | undefined {
  const known = names?.addressOf(address, hints);
  const region = regions?.lookup(address);
  if (!known && !region) return undefined;
  return {
    address,
    ...(known && {
      who: withShortTexts({
        interface: known.interface,
        kind: known.kind,
        ...(known.id !== undefined && { id: known.id }),
        ...(known.name !== undefined && { name: known.name }),
        ...(known.owner !== undefined && { owner: known.owner }),
        ...(known.since !== undefined && { since: known.since }),
        isShared: known.isShared,
      }),
    }),
    ...(region && { region: withShortTexts(region) }),
  };
}

/** Returns a copy with its texts printable and of bounded length. */
function withShortTexts<T extends object>(values: T): T {
  const entries = Object.entries(values).map(([field, value]: [string, unknown]): [string, unknown] => [
    field,
    typeof value === 'string' ? truncate(printable(value), maxTextLength) : value,
  ]);
  return Object.fromEntries(entries) as T;
}

/** Number of characters of facts as JSON columns, in which equal facts are stored once. */
class FactsSize {
  readonly #texts = new Set<string>();
  #characters = 0;

  /** Adds facts and returns the number of characters of all. */
  add({ address, who, region }: AddressFacts): number {
    for (const fact of [who, region]) {
      const text = fact === undefined ? '' : JSON.stringify(fact);
      if (!this.#texts.has(text)) this.#characters += text.length;
      this.#texts.add(text);
    }
    this.#characters += address.length + 2 * String(this.#texts.size).length + 5;
    return this.#characters;
  }
}

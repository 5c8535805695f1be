import type { RegionSource } from '../geo/geo-table.ts';
import { CodeMemo, type Dictionary, noCode } from './dictionary.ts';
import { fields, type RuleFieldKind } from './fields.ts';

/** What a table of regions has of an address, for rules. */
export type RegionFact = 'country' | 'asn' | 'awsRegion';

/** A field of rules that no record has: a fact about an address of the flow. */
export interface RegionField {
  /** The field with the address: see endpointValue. */
  readonly address: 'srcaddr' | 'dstaddr';
  readonly fact: RegionFact;
  readonly kind: RuleFieldKind;
}

const facts: readonly (readonly [name: string, fact: RegionFact, kind: RuleFieldKind])[] = [
  ['country', 'country', 'country'],
  ['asn', 'asn', 'as-number'],
  ['aws_region', 'awsRegion', 'string'],
];

/** The fields of regions by name. A value is not available without a table, and if the table does not have the address. */
export const regionFields: ReadonlyMap<string, RegionField> = new Map(
  (['src', 'dst'] as const).flatMap((end) =>
    facts.map(([name, fact, kind]): [string, RegionField] => [`${end}_${name}`, { address: `${end}addr`, fact, kind }]),
  ),
);

/** Returns the kind of a field's values, of any field that rules may use; undefined for an unknown field. */
export function kindOf(name: string): RuleFieldKind | undefined {
  return (fields.get(name) ?? regionFields.get(name))?.kind;
}

/** The regions of addresses. The table may be replaced between two batches; undefined without a table. */
export interface CurrentRegions {
  current: RegionSource | undefined;
}

/** Returns a fact about an address as the text of a field; undefined if it is unknown. */
export function regionFactOf(
  { current }: Readonly<CurrentRegions>,
  address: string,
  fact: RegionFact,
): string | undefined {
  const value = current?.lookup(address)?.[fact];
  return value === undefined ? undefined : String(value);
}

/** Finds the facts about addresses as codes of a dictionary: an address is looked up once for each dictionary and table. */
export class RegionCodes {
  readonly #regions: Readonly<CurrentRegions>;
  readonly #memos = new Map<RegionFact, CodeMemo>(facts.map(([, fact]) => [fact, new CodeMemo()]));
  #table: CurrentRegions['current'];

  constructor(regions: Readonly<CurrentRegions>) {
    this.#regions = regions;
  }

  /** Returns a fact about each of several addresses; noCode if it is unknown. @param addresses codes of the dictionary */
  codesOf(addresses: Int32Array, fact: RegionFact, dictionary: Dictionary): Int32Array {
    const { current } = this.#regions;
    const codes = new Int32Array(addresses.length);
    if (!current) return codes;
    if (current !== this.#table) for (const memo of this.#memos.values()) memo.clear();
    this.#table = current;
    const known = this.#memos.get(fact)!.of(dictionary);
    for (let row = 0; row < codes.length; row += 1) {
      const address = addresses[row]!;
      if (address === noCode) continue;
      if (known[address]! < 0) {
        const text = regionFactOf(this.#regions, dictionary.textOf(address)!, fact);
        known[address] = text === undefined ? noCode : dictionary.codeOfText(text);
      }
      codes[row] = known[address]!;
    }
    return codes;
  }
}

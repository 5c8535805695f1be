import type { EndpointNames } from '../../../lambda/alert/known-names.ts';
import { whereText } from '../../../lambda/alert/where-text.ts';
import { shortName, whoText } from '../../../lambda/alert/who-text.ts';
import { utc } from '../../../lambda/common/format-units.ts';
import { truncate } from '../../../lambda/common/text.ts';
import type { GeoEntry } from '../../../lambda/geo/geo-table.ts';
import { type Child, element, untrustedText } from './element.ts';
import type { AddressFacts, NamedInterface, ReportData } from './report-data.ts';
import type { TextQuery } from './text-query.ts';

/** Maximum number of characters of a name in a cell. */
const maxCellLength = 36;

/** What the report knows of addresses: who has them, and where they lead. */
export interface KnownAddresses {
  readonly hasNames: boolean;
  readonly hasRegions: boolean;
  /** Number of addresses whose facts do not fit into the report. */
  readonly unlisted: number;
  factsOf(address: string): Omit<AddressFacts, 'address'>;
  /** Returns the shortest text about an address, on one line; undefined if nothing is known. */
  shortText(address: string): string | undefined;
  /** Returns sentences about an address, as e-mails have them. */
  sentencesOf(address: string): readonly string[];
  /** Returns a test whether what is known of an address contains the text of a query; a query for addresses finds none. */
  finder(query: TextQuery): (address: string) => boolean;
}

/** Derives what the report knows of addresses. */
export function knownAddresses({ known, period }: Pick<ReportData, 'known' | 'period'>): KnownAddresses {
  const byAddress = new Map(known?.addresses.map((facts) => [facts.address, facts]));
  const from = period?.from ?? Number.POSITIVE_INFINITY;
  return {
    hasNames: known?.hasNames ?? false,
    hasRegions: known?.regionsTime !== undefined,
    unlisted: known?.unlisted ?? 0,
    factsOf: (address) => byAddress.get(address) ?? {},
    shortText(address) {
      const { who, region } = byAddress.get(address) ?? {};
      if (who && !who.isShared) return `${truncate(shortName(who), maxCellLength)}${laterText(who, from)}`;
      return region && truncate(placeText(region), maxCellLength);
    },
    sentencesOf(address) {
      const { who, region } = byAddress.get(address) ?? {};
      const names: EndpointNames = {
        ...{ networks: [], services: [] },
        ...(who && { interfaces: [named(address, who)] }),
        ...(region && { regions: [{ address, ...region }] }),
      };
      const texts = [whoText(names, { from }, known?.namesTime), whereText(names, known?.regionsTime)];
      return texts.filter((text) => text !== '').map((text) => `${text}.`);
    },
    finder({ kind, text }) {
      if (kind !== 'text') return () => false;
      const isIn = inclusionTest(text.toLowerCase());
      const found = new Set(known?.addresses.filter((facts) => isIn(searchText(facts))).map(({ address }) => address));
      return (address) => found.has(address);
    },
  };
}

/** Makes the line about an address below it in a cell; undefined if nothing is known. */
export function knownLine(text: string | undefined): Child {
  return text === undefined ? undefined : element('span', { class: 'known' }, untrustedText(text));
}

/** Returns the search text that finds exactly the addresses of a country. */
export function countryQuery(country: string): string {
  return `country:${country}`;
}

/** Returns a place on one line: `DE AS64496 EXAMPLE`, or `US AWS eu-west-1 S3`. */
function placeText({ country, asn, asName, awsRegion, awsService }: GeoEntry): string {
  const operator = asn === undefined ? [] : [`AS${asn}`, asName];
  const parts = [country, ...(awsRegion === undefined ? operator : ['AWS', awsRegion, awsService])];
  return parts.filter((part) => part !== undefined).join(' ');
}

/** Says that an interface came within the period of the report: before, another one may have had its addresses. */
function laterText({ since }: NamedInterface, from: number): string {
  return since === undefined || since <= from ? '' : ` (only since ${utc(since)})`;
}

function named(address: string, who: NamedInterface) {
  return { ...who, address, groups: [] };
}

function searchText({ who, region }: AddressFacts): string {
  const { country, asn, asName, awsRegion, awsService } = region ?? {};
  return [
    ...(who ? [who.name, who.id, who.owner, who.kind, who.interface] : []),
    ...(country === undefined ? [] : [countryQuery(country)]),
    ...(asn === undefined ? [] : [`AS${asn} ${asName ?? ''}`]),
    ...(awsRegion === undefined ? [] : [`AWS ${awsRegion} ${awsService ?? ''}`]),
  ]
    .filter((text) => text !== undefined)
    .join('\n')
    .toLowerCase();
}

/** Returns a test whether a text contains another one, both in lower case. The number of an operator is a word. */
function inclusionTest(wanted: string): (text: string) => boolean {
  if (!/^as\d+$/.test(wanted)) return (text) => text.includes(wanted);
  const word = new RegExp(`\\b${wanted}\\b`);
  return (text) => word.test(text);
}

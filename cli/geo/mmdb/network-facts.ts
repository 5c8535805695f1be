import { truncate } from '../../../lambda/common/text.ts';
import type { DataSection } from './data-section.ts';

/** What the data of a network says. */
export interface NetworkFacts {
  readonly country?: string | undefined;
  readonly asn?: number | undefined;
  readonly operatorName?: string | undefined;
  /** Values that are left out because they are not a country or an AS number. */
  readonly problems: readonly string[];
}

type Fields = ReadonlyMap<string, number>;

/** Longer names of operators are shortened. */
const maxNameLength = 200;

/**
 * Reads the data of a network in the forms of MaxMind, DB-IP and IPinfo. An empty text and AS 0 mean none.
 *
 * @throws MmdbError if the data is damaged, or a field has the wrong type
 */
export function readFacts(data: DataSection, offset: number): NetworkFacts {
  const fields = data.fields(offset);
  const problems: string[] = [];
  const country = countryText(data, fields);
  const isCountry = country === '' || /^[A-Z]{2}$/.test(country);
  if (!isCountry) problems.push(invalid('the country', country, 'two letters'));
  const as = asText(data, fields);
  const asn = /^(?:AS)?(\d{1,10})$/.exec(as)?.[1];
  const isAsn = as === '' || (asn !== undefined && Number(asn) <= 0xffff_ffff);
  if (!isAsn) problems.push(invalid('the AS number', as, 'AS0 to AS4294967295'));
  return {
    country: isCountry && country !== '' ? country : undefined,
    asn: isAsn && Number(asn ?? 0) > 0 ? Number(asn) : undefined,
    operatorName: truncate(textOf(data, fields, ['autonomous_system_organization', 'as_name', 'name']), maxNameLength),
    problems,
  };
}

/** Returns the country as a text: `country_code` of IPinfo, or `country`, which is a code or a map. */
function countryText(data: DataSection, fields: Fields): string {
  const code = fields.get('country_code');
  if (code !== undefined) return data.text(code);
  for (const name of ['country', 'registered_country']) {
    const country = fields.get(name);
    if (country === undefined) continue;
    if (data.isText(country)) return data.text(country);
    const isoCode = data.fields(country).get('iso_code');
    if (isoCode !== undefined) return data.text(isoCode);
  }
  return '';
}

/** Returns the AS number as a text, such as `64496` or `AS64496`. */
function asText(data: DataSection, fields: Fields): string {
  const number = fields.get('autonomous_system_number');
  return number === undefined ? textOf(data, fields, ['asn']) : String(data.unsigned(number));
}

function textOf(data: DataSection, fields: Fields, names: readonly string[]): string {
  const offset = names.map((name) => fields.get(name)).find((one) => one !== undefined);
  return offset === undefined ? '' : data.text(offset).trim();
}

function invalid(noun: string, got: string, expected: string): string {
  return `${noun} is invalid: got ${JSON.stringify(truncate(got, 60))}, expected ${expected}`;
}

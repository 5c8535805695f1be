import { parseQuantity } from '../common/quantity.ts';
import { canonicalAddress } from '../networks/ip-address.ts';
import type { RuleFieldKind } from './fields.ts';

const wholeNumber = /^(?:0|[1-9]\d*)$/;
const countryCode = /^[A-Za-z]{2}$/;

const largest: Partial<Record<string, bigint>> = {
  int32: 2n ** 31n - 1n,
  int64: 2n ** 63n - 1n,
  port: 65_535n,
  protocol: 255n,
  seconds: 9_999_999_999_999n, // thirteen digits: milliseconds up to the year 2286
  'as-number': 2n ** 32n - 1n,
};

/** The largest value of each kind, as a number; that of `int64` is rounded up. */
export const maxOf = {
  int32: 2 ** 31 - 1,
  int64: 2 ** 63,
  port: 65_535,
  protocol: 255,
  seconds: 9_999_999_999_999,
} as const;

/** Longer than any published field: a tag's value has 256 characters, each percent-encoded in up to 12. */
export const maxTextLength = 4096;

/** Returns the value in its canonical spelling; undefined if the text is not valid for the kind. */
export function canonicalValue(text: string, kind: RuleFieldKind): string | undefined {
  if (kind === 'string') return text.length <= maxTextLength ? text : undefined;
  if (kind === 'address') return canonicalAddress(text);
  if (kind === 'country') return countryCode.test(text) ? text.toUpperCase() : undefined;
  if (typeof kind !== 'string') return kind.includes(text) ? text : undefined;
  if (text.length > 19 || !wholeNumber.test(text)) return undefined;
  return parseQuantity(text) <= largest[kind]! ? text : undefined;
}

/** Describes the valid values of a kind, for an error's "expected". */
export function expectedForm(kind: RuleFieldKind): string {
  if (typeof kind !== 'string') return kind.join(' or ');
  if (kind === 'address') return 'an IPv4 or IPv6 address';
  if (kind === 'country') return 'a code of two letters such as DE (ISO 3166-1 alpha-2)';
  if (kind === 'string') return `text of at most ${maxTextLength} characters`;
  return `a whole number from 0 to ${largest[kind]}`;
}

import { type TimePart, timeParts } from '../../lambda/common/calendar.ts';

const comparisons = ['gt', 'gte', 'lt', 'lte'] as const;
const textual = ['contains', 'startswith', 'endswith'] as const;
const parts = Object.keys(timeParts) as TimePart[];
const regexFlags = ['i', 'm', 's'];

/** The modifiers of a field, by Sigma's names (Sigma Modifiers 2.1). */
export type Modifiers = ReadonlySet<string>;

/** The modifiers that can be combined. `all` and `neq` combine with any, since they only join tests. */
const combinable: Record<string, readonly string[]> = {
  expand: ['cidr', 'cased', ...textual],
  fieldref: ['cased', ...textual, ...comparisons],
  cased: textual,
  re: regexFlags,
  i: ['m', 's'],
  m: ['s'],
  ...Object.fromEntries(parts.map((part) => [part, comparisons])),
};

const known = ['cidr', 're', ...regexFlags, ...textual, ...comparisons, 'neq', 'all', 'exists', 'cased'];
const all = [...known, 'fieldref', 'expand', ...parts];

const unsupportedReasons: Record<string, string> = {
  windash: 'it is for command-line flags, which flow records do not have',
  ...Object.fromEntries(
    ['base64', 'base64offset', 'utf16', 'utf16le', 'utf16be', 'wide'].map((name) => [
      name,
      'it encodes payload text, which flow records do not have',
    ]),
  ),
};

/** Reads the modifiers after a field's name, in any order. Returns the first problem of an invalid list. */
export function readModifiers(chain: readonly string[]): Modifiers | { readonly problem: string } {
  for (const [index, name] of chain.entries()) {
    const reason = Object.hasOwn(unsupportedReasons, name) ? unsupportedReasons[name] : undefined;
    if (reason !== undefined) return { problem: `the modifier ${JSON.stringify(name)} is not supported: ${reason}` };
    if (!all.includes(name)) {
      return { problem: `the modifier ${JSON.stringify(name)} is not supported, expected ${all.join(', ')}` };
    }
    if (chain.indexOf(name) !== index) return { problem: `the modifier ${name} is repeated` };
  }
  const tests = chain.filter((name) => name !== 'all' && name !== 'neq');
  for (const [index, name] of tests.entries()) {
    const other = tests.slice(index + 1).find((next) => !canCombine(name, next));
    if (other !== undefined) return { problem: `the modifiers ${name} and ${other} cannot be combined` };
    if (regexFlags.includes(name) && !tests.includes('re'))
      return { problem: `the modifier ${name} needs the modifier re` };
  }
  return new Set(chain);
}

function canCombine(a: string, b: string): boolean {
  return (combinable[a]?.includes(b) || combinable[b]?.includes(a)) ?? false;
}

/** Returns the comparison among the modifiers; undefined without one. */
export const comparisonOf = (modifiers: Modifiers) => comparisons.find((name) => modifiers.has(name));
/** Returns the text modifier among the modifiers; undefined without one. */
export const textualOf = (modifiers: Modifiers) => textual.find((name) => modifiers.has(name));
/** Returns the part of a time among the modifiers; undefined without one. */
export const timePartOf = (modifiers: Modifiers) => parts.find((name) => modifiers.has(name));

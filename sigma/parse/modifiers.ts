import { type TimePart, timeParts } from '../../lambda/common/calendar.ts';

const comparisons = ['gt', 'gte', 'lt', 'lte'] as const;
const textual = ['contains', 'startswith', 'endswith'] as const;
const parts = Object.keys(timeParts) as TimePart[];
const regexFlags = ['i', 'm', 's'];

/** The modifiers of a field, as Sigma names them (Sigma Modifiers 2.1). */
export type Modifiers = ReadonlySet<string>;

/** Which modifiers go together; `all` and `neq` go with any, since they say how tests are joined. */
const together: Record<string, readonly string[]> = {
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

const senseless: Record<string, string> = {
  windash: 'it is for the flags of command lines, and a flow record has none',
  ...Object.fromEntries(
    ['base64', 'base64offset', 'utf16', 'utf16le', 'utf16be', 'wide'].map((name) => [
      name,
      'it encodes text as a payload carries it, and a flow record has none',
    ]),
  ),
};

/** Reads the modifiers after a field's name, or says what is wrong with them. Their order does not matter. */
export function readModifiers(chain: readonly string[]): Modifiers | { readonly problem: string } {
  for (const [index, name] of chain.entries()) {
    const reason = Object.hasOwn(senseless, name) ? senseless[name] : undefined;
    if (reason !== undefined) return { problem: `the modifier ${JSON.stringify(name)} is not supported: ${reason}` };
    if (!all.includes(name)) {
      return { problem: `the modifier ${JSON.stringify(name)} is not supported, expected ${all.join(', ')}` };
    }
    if (chain.indexOf(name) !== index) return { problem: `the modifier ${name} stands there twice` };
  }
  const tests = chain.filter((name) => name !== 'all' && name !== 'neq');
  for (const [index, name] of tests.entries()) {
    const other = tests.slice(index + 1).find((one) => !goTogether(name, one));
    if (other !== undefined) return { problem: `the modifiers ${name} and ${other} do not go together` };
    if (regexFlags.includes(name) && !tests.includes('re')) return { problem: `the modifier ${name} belongs to re` };
  }
  return new Set(chain);
}

function goTogether(a: string, b: string): boolean {
  return (together[a]?.includes(b) || together[b]?.includes(a)) ?? false;
}

export const comparisonOf = (modifiers: Modifiers) => comparisons.find((name) => modifiers.has(name));
export const textualOf = (modifiers: Modifiers) => textual.find((name) => modifiers.has(name));
export const timePartOf = (modifiers: Modifiers) => parts.find((name) => modifiers.has(name));

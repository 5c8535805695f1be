import { timeParts } from '../../lambda/common/calendar.ts';
import { isTagField, tagText } from '../../lambda/common/tag-text.ts';
import { canonicalValue, expectedForm } from '../../lambda/flow-log/field-value.ts';
import { notAvailable } from '../../lambda/flow-log/fields.ts';
import type { EventSource } from '../../lambda/rules/event-source.ts';
import { hasCases, isLike } from '../../lambda/rules/match.ts';
import type { Comparison, PatternPart, ValueTest } from '../../lambda/rules/model.ts';
import { regexTester } from '../../lambda/rules/regex-match.ts';
import { comparisonOf, type Modifiers, textualOf, timePartOf } from '../parse/modifiers.ts';
import { compileRegex } from './regex.ts';
import { hasAmounts, type ValueKind } from './source-fields.ts';
import { type Spelling, spellingsOf } from './taxonomy.ts';

/** A field of a selection with its modifiers. */
export interface Target {
  /** The name as the rule writes it. */
  readonly name: string;
  readonly field: string;
  readonly kind: ValueKind;
  readonly modifiers: Modifiers;
  readonly isFirewall: boolean;
  /** The events that have the field. Default: flows. */
  readonly eventSource: EventSource | undefined;
}

/** Returns the spellings of the values of a field of flows: see spellingsOf. */
function spellingsOfTarget({ name, isFirewall, eventSource }: Target): readonly Spelling[] | undefined {
  return eventSource ? undefined : spellingsOf(name, isFirewall);
}

/** Compiles a comparison with a number. */
export function comparisonTests(
  kind: ValueKind,
  compare: Comparison,
  value: unknown,
  report: (problem: string) => void,
): ValueTest[] {
  if (!hasAmounts(kind)) report(`${compare} needs a numeric field`);
  else if (typeof value !== 'number' || !Number.isFinite(value))
    report(`${compare} takes a number, got ${shown(value)}`);
  else return [{ compare, to: value }];
  return [];
}

/** Compiles tests of a part of a time, such as its hour. */
export function partTests(
  { kind, modifiers }: Target,
  values: readonly unknown[],
  report: (problem: string) => void,
): ValueTest[] {
  const part = timePartOf(modifiers)!;
  const [min, max] = timeParts[part];
  const compare = comparisonOf(modifiers);
  if (kind === 'any') report(`${part} is not supported for events; it needs a flow's start or end`);
  else if (kind !== 'seconds') report(`${part} needs a field of times: start or end`);
  const numbers = values.flatMap((value) => {
    const number = ['number', 'string'].includes(typeof value) && /^\d{1,4}$/.test(String(value)) ? Number(value) : -1;
    if (number >= min && number <= max) return [number];
    report(`${part} takes a whole number from ${min} to ${max}, got ${shown(value)}`);
    return [];
  });
  return compare ? numbers.map((to) => ({ compare, to })) : [{ in: numbers.map(String) }];
}

/** Compiles a regular expression. Of a field with few values, it becomes the set of the values that match. */
export function regexTests(target: Target, value: unknown, report: (problem: string) => void): ValueTest[] {
  const { name, modifiers } = target;
  if (typeof value !== 'string' && typeof value !== 'number') {
    report(`re takes a regular expression, got ${shown(value)}`);
    return [];
  }
  // m and s have no effect: no value has a line break.
  const re = compileRegex(String(value), modifiers.has('i'));
  if ('problem' in re) {
    report(re.problem);
    return [];
  }
  const spellings = spellingsOfTarget(target);
  if (!spellings) return [{ re }];
  const test = regexTester(re);
  const matching = new Set(spellings.filter(([word]) => test(word)).map(([, value]) => value.toLowerCase()));
  if (matching.size === 0)
    report(`the regular expression matches no value of ${name}, expected ${expectationOf(target)}`);
  return [{ in: [...matching] }];
}

/** Compiles text values: literal values as one set, values with wildcards as patterns, null as `exists: false`. */
export function textTests(target: Target, values: readonly unknown[], report: (problem: string) => void): ValueTest[] {
  const { name, kind, modifiers } = target;
  const textual = textualOf(modifiers);
  const isCased = modifiers.has('cased');
  const spellings = spellingsOfTarget(target);
  const literals: string[] = [];
  const tests: ValueTest[] = [];
  for (const value of values) {
    const takesBooleans = kind === 'any' || name === 'blocked';
    const isText = typeof value === 'string' || typeof value === 'number' || (takesBooleans && value !== null);
    if (value === null && textual === undefined && !isCased) tests.push({ exists: false });
    else if (!isText || typeof value === 'object') report(`expected text or a number, got ${shown(value)}`);
    else {
      const pattern = patternOf(String(value), textual, isCased);
      const text = pattern.length === 1 ? pattern[0] : pattern.length === 0 ? '' : undefined;
      // No field of a flow log is ever empty, so an empty value matches nothing, as intended.
      if (text === '') literals.push(text);
      else if (spellings) literals.push(...spelledValues(target, spellings, pattern, report));
      else if (typeof text === 'string') literals.push(fieldLiteral(target, text, report));
      else tests.push(cased({ like: checkedPattern(target, pattern, report) }, isCased));
    }
  }
  return literals.length > 0 ? [cased({ in: [...new Set(literals)] }, isCased && !spellings), ...tests] : tests;
}

function cased<T extends ValueTest>(test: T, isCased: boolean): T {
  return isCased ? { ...test, cased: true } : test;
}

/** Returns the values, in lower case, that have a spelling which matches the pattern. */
function spelledValues(
  target: Target,
  spellings: readonly Spelling[],
  pattern: readonly PatternPart[],
  report: (problem: string) => void,
): string[] {
  const { name, modifiers } = target;
  const matches = ([word]: Spelling) => isLike(modifiers.has('cased') ? word : word.toLowerCase(), pattern);
  const matching = spellings.filter(matches).map(([, value]) => value.toLowerCase());
  if (matching.length === 0) {
    const [text] = pattern;
    const invalid =
      pattern.length === 1 && typeof text === 'string' ? `invalid value ${JSON.stringify(text)}` : undefined;
    report(`${invalid ?? `the pattern matches no value of ${name}`}, expected ${expectationOf(target)}`);
  }
  return matching;
}

function expectationOf({ field, kind }: Target): string {
  const name = field === 'protocol' ? ' or the name of a protocol such as tcp' : '';
  return kind === 'any' ? 'a value' : `${expectedForm(kind)}${name}`;
}

/** Returns a value in the spelling of the flow log. Reports a value that the field cannot have. */
function fieldLiteral({ field, kind }: Target, text: string, report: (problem: string) => void): string {
  if (kind === 'any') return text;
  if (kind === 'string') {
    if (text === notAvailable) report('"-" marks a field that is not available, expected null');
    else if (isTagField(field)) checkTagText(text, report);
    else if (!/^\S+$/.test(text)) report(`invalid value ${JSON.stringify(text)}, expected text without white space`);
    return text;
  }
  const value = canonicalValue(text, kind);
  // Text is compared in lower case, unless case matters.
  if (value !== undefined) return hasCases(field) ? text : value;
  const hint = kind === 'address' ? '; for part of an address use cidr or startswith' : '';
  report(`invalid value ${JSON.stringify(text)}, expected ${expectedForm(kind)}${hint}`);
  return text;
}

/** Reports a percent-encoded text of a tag: rules are compared with the decoded value. */
function checkTagText(text: string, report: (problem: string) => void): void {
  if (tagText(text) !== text)
    report(`the text of the tag is percent-encoded: got ${shown(text)}, expected ${shown(tagText(text))}`);
}

/** Reports a pattern that can match no value of the field, as far as that is known. */
function checkedPattern(
  { field, kind }: Target,
  pattern: PatternPart[],
  report: (problem: string) => void,
): PatternPart[] {
  if (kind === 'any') return pattern;
  const isPossible =
    kind === 'string' || pattern.every((part) => typeof part !== 'string' || charactersOf(kind).test(part));
  if (isTagField(field)) for (const part of pattern) if (typeof part === 'string') checkTagText(part, report);
  if (!isPossible) report(`the pattern matches no value of ${field}, expected ${expectedForm(kind)}`);
  return pattern;
}

/** Returns the characters of the values of a kind, in lower case. */
function charactersOf(kind: ValueKind): RegExp {
  if (kind === 'country') return /^[a-z]*$/;
  return kind === 'address' ? /^[0-9a-f.:]*$/ : /^\d*$/;
}

/** Parses text with Sigma's wildcards `*` and `?`, which a backslash escapes. Lower case, unless case matters. */
function patternOf(text: string, textual: string | undefined, isCased: boolean): PatternPart[] {
  const parts: PatternPart[] = [];
  const push = (part: PatternPart) => {
    const last = parts.at(-1);
    if (typeof part === 'string' && typeof last === 'string') parts[parts.length - 1] = last + part;
    else if (part !== 0 || last !== 0) parts.push(part);
  };
  if (textual === 'endswith' || textual === 'contains') push(0);
  for (const [token] of (isCased ? text : text.toLowerCase()).matchAll(/\\[*?\\]|[\s\S]/g)) {
    if (token === '*') push(0);
    else if (token === '?') push(1);
    else push(token.length > 1 ? token.slice(1) : token);
  }
  if (textual === 'startswith' || textual === 'contains') push(0);
  return parts;
}

/** Shows a value in a message; lists and maps only by their kind, since they may be large or cyclic. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'a map' : JSON.stringify(value);
}

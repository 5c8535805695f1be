import { timeParts } from '../../lambda/common/calendar.ts';
import { checkedValue, expectation } from '../../lambda/flow-log/field-value.ts';
import { type FieldKind, fields, isNumeric, notAvailable } from '../../lambda/flow-log/fields.ts';
import { isLike } from '../../lambda/rules/match.ts';
import type { Comparison, PatternPart, ValueTest } from '../../lambda/rules/model.ts';
import { regexTester } from '../../lambda/rules/regex-match.ts';
import { comparisonOf, type Modifiers, textualOf, timePartOf } from '../parse/modifiers.ts';
import { compileRegex } from './regex.ts';
import { type Spelling, spellingsOf } from './taxonomy.ts';

/** A field of a selection, and how its values are meant. */
export interface Target {
  /** The name as the rule writes it. */
  readonly name: string;
  readonly field: string;
  readonly modifiers: Modifiers;
  readonly isFirewall: boolean;
}

export function comparisonTests(
  field: string,
  compare: Comparison,
  value: unknown,
  report: (problem: string) => void,
): ValueTest[] {
  if (!isNumeric(fields.get(field)!.kind)) report(`${compare} needs a field that holds numbers`);
  else if (typeof value !== 'number' || !Number.isFinite(value))
    report(`${compare} takes a number, got ${shown(value)}`);
  else return [{ compare, to: value }];
  return [];
}

export function partTests(
  { field, modifiers }: Target,
  values: readonly unknown[],
  report: (problem: string) => void,
): ValueTest[] {
  const part = timePartOf(modifiers)!;
  const [least, most] = timeParts[part];
  const compare = comparisonOf(modifiers);
  if (fields.get(field)!.kind !== 'seconds') report(`${part} needs a field that holds a time, start or end`);
  const numbers = values.flatMap((value) => {
    const number = ['number', 'string'].includes(typeof value) && /^\d{1,4}$/.test(String(value)) ? Number(value) : -1;
    if (number >= least && number <= most) return [number];
    report(`${part} takes a whole number from ${least} to ${most}, got ${shown(value)}`);
    return [];
  });
  return compare ? numbers.map((to) => ({ compare, to })) : [{ in: numbers.map(String) }];
}

export function regexTests(
  { name, field, modifiers, isFirewall }: Target,
  value: unknown,
  report: (problem: string) => void,
): ValueTest[] {
  if (typeof value !== 'string' && typeof value !== 'number') {
    report(`re takes a regular expression, got ${shown(value)}`);
    return [];
  }
  // m and s change nothing: no value holds a line break.
  const re = compileRegex(String(value), modifiers.has('i'));
  if ('problem' in re) {
    report(re.problem);
    return [];
  }
  const written = spellingsOf(name, isFirewall);
  if (!written) return [{ re }];
  const test = regexTester(re);
  const fitting = new Set(written.filter(([word]) => test(word)).map(([, own]) => own.toLowerCase()));
  if (fitting.size === 0) report(`a regular expression that ${name} never fits, expected ${expectationOf(field)}`);
  return [{ in: [...fitting] }];
}

/** Plain values together in one set; those with wildcards each as a pattern; null for a field that is not available. */
export function textTests(target: Target, values: readonly unknown[], report: (problem: string) => void): ValueTest[] {
  const { name, field, modifiers, isFirewall } = target;
  const textual = textualOf(modifiers);
  const isCased = modifiers.has('cased');
  const written = spellingsOf(name, isFirewall);
  const plain: string[] = [];
  const tests: ValueTest[] = [];
  for (const value of values) {
    const isText = typeof value === 'string' || typeof value === 'number' || (name === 'blocked' && value !== null);
    if (value === null && textual === undefined && !isCased) tests.push({ exists: false });
    else if (!isText || typeof value === 'object') report(`expected text or a number, got ${shown(value)}`);
    else {
      const pattern = patternOf(String(value), textual, isCased);
      const text = pattern.length === 1 ? pattern[0] : pattern.length === 0 ? '' : undefined;
      // No field of a flow log ever is empty, so that an empty value matches nothing, as it should.
      if (text === '') plain.push(text);
      else if (written) plain.push(...spelled(target, written, pattern, report));
      else if (typeof text === 'string') plain.push(plainValue(field, text, report));
      else tests.push(cased({ like: checkedPattern(field, pattern, report) }, isCased));
    }
  }
  return plain.length > 0 ? [cased({ in: [...new Set(plain)] }, isCased && !written), ...tests] : tests;
}

function cased<T extends ValueTest>(test: T, isCased: boolean): T {
  return isCased ? { ...test, cased: true } : test;
}

/** The values, in lower case, that are written in some way that fits the pattern. */
function spelled(
  { name, field, modifiers }: Target,
  written: readonly Spelling[],
  pattern: readonly PatternPart[],
  report: (problem: string) => void,
): string[] {
  const fits = ([word]: Spelling) => isLike(modifiers.has('cased') ? word : word.toLowerCase(), pattern);
  const fitting = written.filter(fits).map(([, value]) => value.toLowerCase());
  if (fitting.length === 0) {
    const [text] = pattern;
    const what = pattern.length === 1 && typeof text === 'string' ? `never is ${JSON.stringify(text)}` : undefined;
    report(`${what ?? `a pattern that ${name} never fits`}, expected ${expectationOf(field)}`);
  }
  return fitting;
}

function expectationOf(field: string): string {
  const name = field === 'protocol' ? ' or the name of a protocol such as tcp' : '';
  return `${expectation(fields.get(field)!.kind)}${name}`;
}

/** A value of a field that has many, in the one way in which the flow log writes it. */
function plainValue(field: string, text: string, report: (problem: string) => void): string {
  const kind = fields.get(field)!.kind;
  if (kind === 'string') {
    if (text === notAvailable) report('"-" stands for what is not available, expected null');
    else if (!/^\S+$/.test(text)) report(`never is ${JSON.stringify(text)}, expected text without white space`);
    return text;
  }
  const value = checkedValue(text, kind);
  if (value !== undefined) return value;
  const hint = kind === 'address' ? '; for a part of one use cidr or startswith' : '';
  report(`never is ${JSON.stringify(text)}, expected ${expectation(kind)}${hint}`);
  return text;
}

/** A pattern that no value of the field can fit is a mistake, so far as that can be told. */
function checkedPattern(field: string, pattern: PatternPart[], report: (problem: string) => void): PatternPart[] {
  const kind = fields.get(field)!.kind;
  const fits = kind === 'string' || pattern.every((part) => typeof part !== 'string' || partOf(kind).test(part));
  if (!fits) report(`a pattern that ${field} never fits, expected ${expectation(kind)}`);
  return pattern;
}

/** What a part of a value of the kind is made of, in lower case. */
function partOf(kind: FieldKind): RegExp {
  return kind === 'address' ? /^[0-9a-f.:]*$/ : /^\d*$/;
}

/** Text with Sigma's wildcards `*` and `?`, each escaped by a backslash, in lower case unless case matters. */
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

/** A value as a message shows it; one that is none may be large, or hold itself. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'a map' : JSON.stringify(value);
}

import { styleText } from 'node:util';
import { writeQuantities } from '../../lambda/common/quantity.ts';
import { plural, printable } from '../../lambda/common/text.ts';
import { type RuleExamples, readExampleDirectory } from '../../sigma/examples/example-directory.ts';
import { failureLines } from '../../sigma/examples/failure-text.ts';
import { type Tried, tryExamples } from '../../sigma/examples/try-example.ts';
import { table } from '../terminal/text-table.ts';
import { compiledRules, directoryOf, type RuleOptions, rulesNamed } from './load-rules.ts';

/** A rule and what came of its examples. */
interface TestedRule extends RuleExamples {
  readonly tried: readonly Tried[];
}

/**
 * Runs the examples of rules, and prints what came of them.
 *
 * @returns whether each rule has examples and does what they say
 */
export async function testRules(
  names: readonly string[],
  options: RuleOptions & { readonly json?: boolean },
): Promise<boolean> {
  const ruleSet = compiledRules(options);
  const wanted = new Set(rulesNamed(names, ruleSet));
  const tested: TestedRule[] = [];
  for (const found of readExampleDirectory(directoryOf(options), ruleSet)) {
    if (!wanted.has(found.rule)) continue;
    tested.push({ ...found, tried: await tryExamples(found.rule, ruleSet, found.examples ?? []) });
  }
  process.stdout.write(options.json ? jsonOf(tested) : textOf(tested));
  return tested.every(isGood);
}

function isGood({ examples, tried }: TestedRule): boolean {
  return examples !== undefined && tried.every(({ failure }) => failure === undefined);
}

function textOf(tested: readonly TestedRule[]): string {
  const rows = tested.map((one) => [
    one.rule.name,
    countOf(one, 'alerts'),
    countOf(one, 'silent'),
    one.examples === undefined ? 'no examples' : isGood(one) ? 'ok' : `${failuresOf(one).length} failed`,
  ]);
  const untested = tested
    .filter(({ examples }) => examples === undefined)
    .map(({ rule, path }) => `${path}: write the examples of ${rule.name}: docs/rules/writing-rules.md, "Examples"\n`);
  const failures = tested.flatMap(failuresOf).map((lines) => `${lines.map(printableLine).join('\n')}\n`);
  return [
    table(['rule', 'alerts', 'silent', 'result'], rows, [1, 2]),
    ...(untested.length > 0 ? [untested.join('')] : []),
    ...failures,
    verdictOf(tested),
  ].join('\n');
}

/** A message's indent is part of it. */
function printableLine(line: string): string {
  return `${/^ */.exec(line)![0]}${printable(line)}`;
}

function verdictOf(tested: readonly TestedRule[]): string {
  const untested = tested.filter(({ examples }) => examples === undefined).length;
  const failed = tested.filter((one) => !isGood(one)).length - untested;
  const examples = tested.reduce((sum, { tried }) => sum + tried.length, 0);
  const parts = [
    failed > 0 ? `${plural(failed, 'rule')} not as the examples say` : [],
    untested > 0 ? `${plural(untested, 'rule')} without examples` : [],
  ].flat();
  if (parts.length > 0) return `${styleText(['bold', 'red'], parts.join(', '), { stream: process.stdout })}\n`;
  const text = `${plural(examples, 'example')} of ${plural(tested.length, 'rule')}: all as they say`;
  return `${styleText('green', text, { stream: process.stdout })}\n`;
}

function countOf({ examples, tried }: TestedRule, expects: 'alerts' | 'silent'): string {
  if (examples === undefined) return '-';
  const all = tried.filter(({ example }) => example.expects === expects);
  const good = all.filter(({ failure }) => failure === undefined);
  return good.length === all.length ? String(all.length) : `${good.length} of ${all.length}`;
}

function failuresOf({ rule, tried }: TestedRule): string[][] {
  return tried.map((one) => failureLines(rule, one)).filter((lines) => lines.length > 0);
}

function jsonOf(tested: readonly TestedRule[]): string {
  const rules = tested.map((one) => ({
    rule: one.rule.name,
    file: one.path,
    ok: isGood(one),
    examples:
      one.examples &&
      one.tried.map(({ example: { name, place, expects, keys }, alerts, nearest, failure }) => {
        return { name, place, expects, ok: failure === undefined, failure, keys, alerts, nearest };
      }),
  }));
  return `${JSON.stringify({ rules }, writeQuantities, 2)}\n`;
}

import { styleText } from 'node:util';
import { writeQuantities } from '../../lambda/common/quantity.ts';
import { plural, printable } from '../../lambda/common/text.ts';
import { type RuleExamples, readExampleDirectory } from '../../sigma/examples/example-directory.ts';
import { failureLines } from '../../sigma/examples/failure-text.ts';
import { type ExampleResult, tryExamples } from '../../sigma/examples/try-example.ts';
import { table } from '../terminal/text-table.ts';
import { compiledRules, directoryOf, type RuleOptions, rulesNamed } from './load-rules.ts';

/** A rule with the results of its examples. */
interface TestedRule extends RuleExamples {
  readonly results: readonly ExampleResult[];
}

/**
 * Runs the examples of rules, and prints the results.
 *
 * @returns whether each rule has examples and all of them pass
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
    tested.push({ ...found, results: await tryExamples(found.rule, ruleSet, found.examples ?? []) });
  }
  process.stdout.write(options.json ? jsonOf(tested) : textOf(tested));
  return tested.every(isPassed);
}

function isPassed({ examples, results }: TestedRule): boolean {
  return examples !== undefined && results.every(({ failure }) => failure === undefined);
}

function textOf(tested: readonly TestedRule[]): string {
  const rows = tested.map((one) => [
    one.rule.name,
    countOf(one, 'alerts'),
    countOf(one, 'silent'),
    one.examples === undefined ? 'no examples' : isPassed(one) ? 'ok' : `${failuresOf(one).length} failed`,
  ]);
  const untested = tested
    .filter(({ examples }) => examples === undefined)
    .map(({ rule, path }) => `${path}: write examples of ${rule.name}; see docs/rules/writing-rules.md, "Examples"\n`);
  const failures = tested.flatMap(failuresOf).map((lines) => `${lines.map(printableLine).join('\n')}\n`);
  return [
    table(['rule', 'alerts', 'silent', 'result'], rows, [1, 2]),
    ...(untested.length > 0 ? [untested.join('')] : []),
    ...failures,
    summaryOf(tested),
  ].join('\n');
}

/** Returns a line without control characters, with its indent. */
function printableLine(line: string): string {
  return `${/^ */.exec(line)![0]}${printable(line)}`;
}

function summaryOf(tested: readonly TestedRule[]): string {
  const untested = tested.filter(({ examples }) => examples === undefined).length;
  const failed = tested.filter((one) => !isPassed(one)).length - untested;
  const examples = tested.reduce((sum, { results }) => sum + results.length, 0);
  const parts = [
    failed > 0 ? `${plural(failed, 'rule')} with failed examples` : [],
    untested > 0 ? `${plural(untested, 'rule')} without examples` : [],
  ].flat();
  if (parts.length > 0) return `${styleText(['bold', 'red'], parts.join(', '), { stream: process.stdout })}\n`;
  const text = `${plural(examples, 'example')} of ${plural(tested.length, 'rule')}: all passed`;
  return `${styleText('green', text, { stream: process.stdout })}\n`;
}

function countOf({ examples, results }: TestedRule, expects: 'alerts' | 'silent'): string {
  if (examples === undefined) return '-';
  const all = results.filter(({ example }) => example.expects === expects);
  const passed = all.filter(({ failure }) => failure === undefined);
  return passed.length === all.length ? String(all.length) : `${passed.length} of ${all.length}`;
}

function failuresOf({ rule, results }: TestedRule): string[][] {
  return results.map((result) => failureLines(rule, result)).filter((lines) => lines.length > 0);
}

function jsonOf(tested: readonly TestedRule[]): string {
  const rules = tested.map((one) => ({
    rule: one.rule.name,
    file: one.path,
    ok: isPassed(one),
    examples:
      one.examples &&
      one.results.map(({ example: { name, place, expects, keys }, alerts, nearest, failure }) => {
        return { name, place, expects, ok: failure === undefined, failure, keys, alerts, nearest };
      }),
  }));
  return `${JSON.stringify({ rules }, writeQuantities, 2)}\n`;
}

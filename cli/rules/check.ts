import { styleText } from 'node:util';
import { FlowError } from '../../lambda/common/errors.ts';
import { enumerated, printable } from '../../lambda/common/text.ts';
import type { OffRule, Rule, RuleSet } from '../../lambda/rules/model.ts';
import { everyRule } from '../../sigma/compile/compile-rules.ts';
import { exampleProblems, type RuleExamples, readExampleDirectory } from '../../sigma/examples/example-directory.ts';
import { expiredEntries } from '../../sigma/lint/expired-entries.ts';
import {
  type Allowance,
  allowancesOfFilters,
  allowancesOfLists,
  expiredBy,
  outlinesOf,
} from '../../sigma/lint/outline.ts';
import { costOf, costOfAll, type RuleSetCost } from '../../sigma/lint/rule-cost.ts';
import { unusedSelections } from '../../sigma/lint/unused-selections.ts';
import { byLocation } from '../../sigma/parse/yaml-document.ts';
import { compileRuleFiles, readNetworksFile, readRuleFiles } from '../../sigma/rule-directory.ts';
import { table } from '../terminal/text-table.ts';
import { type BlindInFlowLogs, blindInFlowLogs, blindSections, checkedFlowLogs } from './check-formats.ts';
import { boundWords } from './describe-rule.ts';
import { directoryOf, type RuleOptions } from './load-rules.ts';

/** The result of a check; `--json` prints it. */
interface CheckResult {
  readonly rules: readonly Rule[];
  readonly series: Readonly<Record<string, readonly string[]>>;
  readonly cost: RuleSetCost | undefined;
  /** The mistakes that prevent the rules from running, as `file:line: text`. */
  readonly problems: readonly string[];
  /** The expired filters and entries, as `file:line: text`. */
  readonly expired: readonly string[];
  /** The rules that cannot see some flow logs, since the format of these lacks fields. They do not fail the check. */
  readonly blind: readonly BlindInFlowLogs[];
  /** The names of the rules that are off without a table of regions. */
  readonly off: readonly string[];
  /** The names of the rules that are off without context events. */
  readonly offWithoutContext: readonly string[];
  /** Remarks that do not fail the check. */
  readonly notes: readonly string[];
}

/** The rules to check, and the formats of the flow logs that they must see (default: those of flow-sentinel.json). */
export interface CheckOptions extends RuleOptions {
  readonly format?: readonly string[];
}

/**
 * Checks rules, their networks and their examples, and prints the result.
 *
 * @param today in UTC, such as `2026-12-31`
 * @returns whether all rules are valid and nothing has expired
 */
export function checkRules(options: CheckOptions & { readonly json?: boolean }, today: string): boolean {
  const result = check(options, today);
  process.stdout.write(options.json ? `${JSON.stringify(result, null, 2)}\n` : textOf(result));
  return isPassed(result);
}

function isPassed({ problems, expired }: CheckResult): boolean {
  return problems.length + expired.length === 0;
}

function check(options: CheckOptions, today: string): CheckResult {
  const directory = directoryOf(options);
  const files = readRuleFiles(directory);
  const outlines = outlinesOf(files);
  const problems: string[] = [];
  const unchecked: string[] = [];
  const flowLogs = collecting(unchecked, 'CONFIG_INVALID', () => checkedFlowLogs(options.format)) ?? [];
  const ruleSet = collecting(problems, 'RULE_INVALID', () =>
    compileRuleFiles(files, directory, options.networks, everyRule),
  );
  const off = ruleSet && collecting([], 'RULE_INVALID', () => compileRuleFiles(files, directory, options.networks).off);
  const examples = ruleSet && collecting(problems, 'RULE_INVALID', () => readExampleDirectory(directory, ruleSet));
  if (!ruleSet) collecting(problems, 'RULE_INVALID', () => problems.push(...exampleProblems(directory)));
  const networks = readNetworksFile(directory, options.networks);
  const allowances = [...allowancesOfFilters(outlines), ...allowancesOfLists(networks)];
  const expired = [
    ...expiredBy(today, allowances).map(expiredText),
    ...(ruleSet ? expiredInFiles(ruleSet, networks.path, allowances, today) : []),
  ];
  return {
    rules: ruleSet?.rules ?? [],
    series: Object.fromEntries(ruleSet?.rules.map((rule) => [rule.name, seriesOf(rule, ruleSet)]) ?? []),
    cost: ruleSet && costOfAll(ruleSet),
    problems: problems.toSorted(byLocation),
    expired,
    blind: ruleSet ? blindInFlowLogs(ruleSet, flowLogs) : [],
    off: namesOff(off, 'regions'),
    offWithoutContext: namesOff(off, 'context'),
    notes: ruleSet
      ? [
          ...untested(examples ?? []),
          ...unusedSelections(files),
          ...shared(ruleSet),
          ...unfinished(ruleSet),
          ...unchecked.map((problem) => `the formats of the flow logs are not checked: ${problem}`),
        ]
      : [],
  };
}

function namesOff(off: readonly OffRule[] = [], needed: OffRule['needs']): string[] {
  return off.flatMap(({ name, needs }) => (needs === needed ? name : []));
}

/** Returns the result of `work`; undefined for invalid rules or settings, whose problems are added. */
function collecting<T>(problems: string[], code: FlowError['code'], work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof FlowError) || error.code !== code) throw error;
    problems.push(...error.message.split('\n'));
    return undefined;
  }
}

function expiredText({ place, subject, expires }: Allowance): string {
  return `${place}: ${subject} has expired: its last day was ${expires}; remove it, or change expires`;
}

/** Returns the expired entries of lists in separate files. Entries in the networks file are reported by line. */
function expiredInFiles(ruleSet: RuleSet, path: string, reported: readonly Allowance[], today: string): string[] {
  const reportedLists = new Set(reported.map(({ list }) => list));
  const fromFiles = { ...ruleSet, lists: ruleSet.lists.filter(({ name }) => !reportedLists.has(name)) };
  return expiredEntries(fromFiles, Date.parse(`${today}T00:00:00Z`) / 1000).map(
    ({ list, expired, entries }) =>
      `${path}: ${expired} of the ${entries} networks in the list ${list} have expired; remove them from its file`,
  );
}

function untested(examples: readonly RuleExamples[]): string[] {
  return examples.flatMap(({ rule, path, examples: found }) =>
    found ? [] : `${rule.name} has no examples; write them to ${path}`,
  );
}

function shared(ruleSet: RuleSet): string[] {
  const bySeries = new Map<string, string[]>();
  for (const rule of ruleSet.rules) {
    for (const id of seriesOf(rule, ruleSet)) bySeries.set(id, [...(bySeries.get(id) ?? []), rule.name]);
  }
  return [...bySeries].flatMap(([id, rules]) =>
    rules.length > 1 ? `${enumerated(rules)} share the series ${id}, which is stored once` : [],
  );
}

function unfinished({ rules }: RuleSet): string[] {
  return rules.flatMap(({ name, title }) =>
    title.startsWith('TODO') ? `${name} is not finished: its title begins with TODO` : [],
  );
}

function seriesOf(rule: Rule, ruleSet: RuleSet): string[] {
  return costOf(rule, ruleSet).series.map(({ id }) => id);
}

function textOf(result: CheckResult): string {
  const { rules, series, cost, problems, expired, blind, off, offWithoutContext, notes } = result;
  const rows = rules.map(({ name, status, level, groupBy }) => {
    return [name, status, level, groupBy.join(', '), (series[name] ?? []).join(' ')];
  });
  const parts = [
    rows.length === 0 ? [] : [table(['rule', 'status', 'level', 'key', 'series'], rows, [])],
    section('Problems', problems, ['bold', 'red']),
    section('Expired', expired, ['bold', 'red']),
    blindSections(blind),
    section(
      'Rules that need a geo table',
      off.length > 0 ? [`off without one: ${enumerated(off)}; see docs/analyse/regions.md`] : [],
      'bold',
    ),
    section(
      'Rules that need context events',
      offWithoutContext.length > 0
        ? [
            `off without them: ${enumerated(offWithoutContext)}; see docs/rules/writing-rules.md#events-of-cloudtrail-and-guardduty`,
          ]
        : [],
      'bold',
    ),
    section('Notes', notes, 'bold'),
    section('Maximum cost of a batch with all rules', cost ? boundWords(cost) : [], 'bold'),
  ].flat();
  const summary = isPassed(result)
    ? `\n${styleText('green', 'All rules are valid.\n', { stream: process.stdout })}`
    : '';
  return `${parts.join('\n')}${summary}`;
}

function section(title: string, lines: readonly string[], style: Parameters<typeof styleText>[0]): string[] {
  if (lines.length === 0) return [];
  const head = styleText(style, title, { stream: process.stdout });
  return [`${head}\n${lines.map((line) => `  ${printable(line)}\n`).join('')}`];
}

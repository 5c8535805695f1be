import { styleText } from 'node:util';
import { enumerated, printable } from '../../lambda/common/text.ts';
import type { Rule, RuleSet } from '../../lambda/rules/model.ts';
import { settingsShape } from '../../lib/settings/settings.ts';
import { type Outline, outlinesOf } from '../../sigma/lint/outline.ts';
import { costOf, costOfAll } from '../../sigma/lint/rule-cost.ts';
import { detectionsOf, filtersOf, outlineOf } from '../../sigma/lint/rule-parts.ts';
import { readRuleFiles } from '../../sigma/rule-directory.ts';
import { type CounterCost, counterCosts, groupingOf, pairGrouping, trafficOfRules } from '../cost/counter-costs.ts';
import { dollars } from '../cost/dollars.ts';
import { meanTraffic, readMeasured } from '../cost/measured-traffic.ts';
import { loadOf } from '../cost/model.ts';
import { defaultRegion, readPriceList } from '../cost/price-list.ts';
import { usageOf } from '../cost/usage.ts';
import { formatMagnitude } from '../terminal/magnitude.ts';
import { boundWords, costWords, wordsOf } from './describe-rule.ts';
import { compiledRules, directoryOf, type RuleOptions, rulesNamed } from './load-rules.ts';

export interface ExplainOptions extends RuleOptions {
  /** The volume for which to say dollars (default: 100 million). */
  readonly recordsPerDay?: number;
  readonly json?: boolean;
}

/** Prints the meaning and the cost of a rule. */
export function explainRule(name: string, options: ExplainOptions): void {
  const ruleSet = compiledRules(options);
  const rule = rulesNamed([name], ruleSet)[0]!;
  const outlines = outlinesOf(readRuleFiles(directoryOf(options)));
  const detections = detectionsOf(rule, outlines);
  const filters = filtersOf(rule, detections, outlines);
  const words = wordsOf(rule, ruleSet, outlineOf(rule, outlines)?.watched);
  const [cost, all] = [costOf(rule, ruleSet), costOfAll(ruleSet)];
  const { recordsPerDay = defaultRecordsPerDay } = options;
  const bill = counterCostAt(recordsPerDay, rule, ruleSet);
  if (options.json) {
    const about = {
      rule,
      detections: detections.map(shown),
      filters: filters.map(shown),
      words,
      cost,
      all,
      bill: { recordsPerDay, ...bill },
    };
    process.stdout.write(`${JSON.stringify(about, null, 2)}\n`);
    return;
  }
  const rows: [string, readonly string[]][] = [
    ['Counts', [words.counts, ...detections.map((one) => `- ${sentence(one)}`)]],
    ['Excludes', filters.map((one) => `- ${filterText(one)}`)],
    ['Window', [words.window]],
    ['Alerts', [words.alerts, `level ${rule.level}; status ${words.status}`]],
    ['Afterwards', words.afterwards],
    ['Costs', [...costWords(rule, cost), readsFlows(rule) ? billWords(bill, recordsPerDay) : eventBill]],
    ['All rules', boundWords(all)],
  ];
  const title = styleText('bold', `${rule.name}: ${printable(rule.title)}`, { stream: process.stdout });
  const description = rule.description === '' ? [] : [...wrapped(printable(rule.description), width), ''];
  process.stdout.write(`${[title, ...description, ...rows.flatMap(rowLines)].join('\n')}\n`);
}

const eventBill = 'events are rare: the cost does not depend on the number of flow records';

/** Returns whether a rule counts flows, perhaps besides events. */
function readsFlows({ sources }: Rule): boolean {
  return !sources || sources.includes('vpcflow');
}

const defaultRecordsPerDay = 100_000_000;

/**
 * Returns what the counters of a rule's grouping cost in a month, with default settings, the measured traffic and the
 * prices of the default region.
 */
function counterCostAt(recordsPerDay: number, rule: Rule, ruleSet: RuleSet): CounterCost {
  const { machine, styles } = readMeasured();
  const traffic = trafficOfRules(meanTraffic(Object.values(styles)), ruleSet);
  const load = loadOf({ ...usageOf(settingsShape.parse({})), recordsPerDay }, traffic, machine);
  const costs = counterCosts(load, ruleSet, readPriceList());
  return costs.find(({ groupBy }) => groupBy === groupingOf(rule.groupBy))!;
}

function billWords({ groupBy, rules, isMeasured, usd }: CounterCost, recordsPerDay: number): string {
  const volume = `on demand in ${defaultRegion} at ${formatMagnitude(recordsPerDay)} records a day`;
  if (groupBy === pairGrouping)
    return `the counters of pairs cost ${dollars(usd)} a month ${volume}, with or without rules`;
  const price = `${isMeasured ? '' : 'at most '}${dollars(usd)} a month ${volume}`;
  return rules.length > 1 ? `${price}, for ${enumerated(rules)} together` : price;
}

const width = 110;
const indent = 12;

function rowLines([label, texts]: [string, readonly string[]]): string[] {
  return texts
    .flatMap((text) => {
      const [first, ...more] = wrapped(printable(text), width - indent - 2);
      return [first!, ...more.map((line) => (text.startsWith('- ') ? `  ${line}` : line))];
    })
    .map((line, index) => `${(index === 0 ? label : '').padEnd(indent)}${line}`);
}

/** Wraps text at spaces into lines of at most `length` characters. */
function wrapped(text: string, length: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= length) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function sentence({ title, description, place }: Outline): string {
  return `${title}${description ? `: ${description.replace(/\.$/, '')}` : ''} (${place})`;
}

function filterText({ title, allowed, place }: Outline): string {
  const reason = allowed.reason === undefined ? '' : `: ${allowed.reason}`;
  const until = allowed.expires === undefined ? '' : `, until ${allowed.expires}`;
  return `${title}${reason}${until} (${place})`;
}

function shown({ place, title, description, allowed }: Outline) {
  return { place, title, description, ...allowed };
}

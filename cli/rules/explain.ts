import { styleText } from 'node:util';
import { printable } from '../../lambda/common/text.ts';
import { type Outline, outlinesOf } from '../../sigma/lint/outline.ts';
import { costOf, costOfAll } from '../../sigma/lint/rule-cost.ts';
import { detectionsOf, filtersOf, outlineOf } from '../../sigma/lint/rule-parts.ts';
import { readRuleFiles } from '../../sigma/rule-directory.ts';
import { boundWords, costWords, wordsOf } from './describe-rule.ts';
import { compiledRules, directoryOf, type RuleOptions, rulesNamed } from './load-rules.ts';

/** Prints the meaning and the cost of a rule. */
export function explainRule(name: string, options: RuleOptions & { readonly json?: boolean }): void {
  const ruleSet = compiledRules(options);
  const rule = rulesNamed([name], ruleSet)[0]!;
  const outlines = outlinesOf(readRuleFiles(directoryOf(options)));
  const detections = detectionsOf(rule, outlines);
  const filters = filtersOf(rule, detections, outlines);
  const words = wordsOf(rule, ruleSet, outlineOf(rule, outlines)?.watched);
  const [cost, all] = [costOf(rule, ruleSet), costOfAll(ruleSet)];
  if (options.json) {
    const about = { rule, detections: detections.map(shown), filters: filters.map(shown), words, cost, all };
    process.stdout.write(`${JSON.stringify(about, null, 2)}\n`);
    return;
  }
  const rows: [string, readonly string[]][] = [
    ['Counts', [words.counts, ...detections.map((one) => `- ${sentence(one)}`)]],
    ['Excludes', filters.map((one) => `- ${filterText(one)}`)],
    ['Window', [words.window]],
    ['Alerts', [words.alerts, `level ${rule.level}; status ${words.status}`]],
    ['Afterwards', words.afterwards],
    ['Costs', costWords(rule, cost)],
    ['All rules', boundWords(all)],
  ];
  const title = styleText('bold', `${rule.name}: ${printable(rule.title)}`, { stream: process.stdout });
  const description = rule.description === '' ? [] : [...wrapped(printable(rule.description), width), ''];
  process.stdout.write(`${[title, ...description, ...rows.flatMap(rowLines)].join('\n')}\n`);
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

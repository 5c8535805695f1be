import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { byteSize, duration, formatInteger } from '../../lambda/common/format-units.ts';
import { slotSecondsOf, windowSlots } from '../../lambda/counters/window.ts';
import { fields } from '../../lambda/flow-log/fields.ts';
import { allSeriesOf } from '../../lambda/rules/correlation.ts';
import type { Predicate, Rule, Series } from '../../lambda/rules/model.ts';
import { comparisonText, valueText } from '../../lambda/rules/value-text.ts';
import { compileRuleDirectory, defaultRulesDirectory } from '../../sigma/rule-directory.ts';

const opening = `<!-- Written by \`npm run docs\` from the files in rules/: change those, and run the command again. -->

# The catalogue

The shipped rules, one file each in [rules/](../../rules). Each section has the key, window and threshold of a rule. It also lists the harmless causes of alerts, the numbers to tune, and the next steps of an investigation. [Writing rules](writing-rules.md) describes the rule file; its comment \`# Tuning\` becomes the list of that name here.

A \`stable\` rule works without changes. A \`test\` rule finds its attack, but needs your exceptions: add what is normal in your network. A window is the rule's timespan and up to a twentieth more.
`;

/** Formats the Markdown page of all rules of a directory. */
export function catalogueText(directory: string = defaultRulesDirectory): string {
  const { rules, series } = compileRuleDirectory(directory);
  const rows = rules.map(
    ({ name, title, level, status, techniques }) =>
      `| [\`${name}\`](#${name}) | ${cell(title)} | ${level} | ${status} | ${techniques.map(link).join(', ')} |`,
  );
  const table = ['| rule | alerts on | level | status | techniques |', '|---|---|---|---|---|', ...rows].join('\n');
  return [opening, table, '', ...rules.map((rule) => section(rule, series, tuningOf(directory, rule)))].join('\n');
}

function section(rule: Rule, series: readonly Series[], tuning: readonly string[]): string {
  const beyond = fieldsBeyondDefault(rule, series);
  const rows: [string, string | undefined][] = [
    ['level', `${rule.level}, \`${rule.status}\``],
    ['techniques', rule.techniques.map(link).join(', ') || undefined],
    ['key', rule.groupBy.map((name) => `\`${name}\``).join(', ')],
    ['window', duration(rule.timespanSeconds)],
    ['threshold', threshold(rule)],
    ['further conditions', extensionText(rule).join('; ') || undefined],
    ['an alert suppresses others for', suppression(rule)],
    ['fields beyond the default format', beyond.map((name) => `\`${name}\``).join(', ') || undefined],
  ];
  return [
    `## ${rule.name}`,
    '',
    `**${rule.title}.** ${rule.description.replace(/\s+/g, ' ')}`,
    '',
    '| | |',
    '|---|---|',
    ...rows.flatMap(([label, text]) => (text === undefined ? [] : [`| ${label} | ${cell(text)} |`])),
    ...list('Harmless when it is', rule.falsepositives),
    ...list('Tuning', tuning),
    ...list('Look at next', rule.next),
    '',
  ].join('\n');
}

function list(title: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : ['', `${title}:`, '', ...items.map((item) => `- ${item}`)];
}

/** Reads the comments under `# Tuning` in the rule's file: one `# - ...` for each number to tune. */
function tuningOf(directory: string, { name }: Rule): string[] {
  const text = readFileSync(join(directory, `${name}.yml`), 'utf8');
  const block = /^# Tuning\n((?:# .*\n)+)/m.exec(text)?.[1] ?? '';
  return block
    .replace(/^# /gm, '')
    .split(/^- /m)
    .flatMap((item) => (item.trim() === '' ? [] : item.trim().replace(/\s+/g, ' ')));
}

function threshold({ correlation, comparison, threshold: value, extension }: Rule): string {
  if (value === 1 && Object.keys(extension).length > 0) return 'any flow';
  if (correlation.type === 'temporal' || correlation.type === 'temporal_ordered') {
    const parts = correlation.parts.map((part) =>
      'correlation' in part
        ? `\`${part.name}\` (${comparisonText(part.comparison)} ${valueText(part.threshold, part.correlation)})`
        : `\`${part.name}\``,
    );
    return correlation.type === 'temporal' ? `${value} of: ${parts.join(', ')}` : parts.join(', then ');
  }
  return `${comparisonText(comparison)} ${valueText(value, correlation)}`;
}

/** Describes the conditions of the rule's own block. */
function extensionText({ extension, timespanSeconds, correlation }: Rule): string[] {
  const { activeSlots, maxSlotValue, maxSlotSpread, firstSeen, silent } = extension;
  const slotSeconds = slotSecondsOf(timespanSeconds);
  const isBytes = 'field' in correlation && correlation.field === 'bytes';
  return [
    activeSlots &&
      `traffic in at least ${activeSlots} of ${windowSlots(timespanSeconds, slotSeconds)} slots of ${duration(slotSeconds)}`,
    maxSlotValue && `at most ${isBytes ? byteSize(maxSlotValue) : formatInteger(maxSlotValue)} in each`,
    maxSlotSpread && `the largest slot at most ${maxSlotSpread} times the smallest`,
    firstSeen &&
      `a pair first seen within ${duration(firstSeen.withinSeconds)}, after learning for ${duration(firstSeen.learningSeconds)}`,
    silent && `and then no flow for ${duration(silent.forSeconds)}`,
  ].filter((text) => typeof text === 'string');
}

function suppression({ suppressSeconds, backoff, escalate }: Rule): string {
  const longer = backoff > 1 ? `, ${backoff} times as long after each further alert` : '';
  const unless = escalate.length > 0 ? `, unless the value reaches ${escalate.join(', ')} times the threshold` : '';
  return `${duration(suppressSeconds)}${longer}${unless}`;
}

/** Returns the fields of the rule that the default format (version 2) lacks. */
function fieldsBeyondDefault(rule: Rule, series: readonly Series[]): string[] {
  const ids = new Set(allSeriesOf(rule));
  const used = series
    .filter(({ id }) => ids.has(id))
    .flatMap(({ where, groupFields, measure }) => [
      ...fieldsOf(where),
      ...groupFields,
      ...('field' in measure ? [measure.field] : []),
      ...(measure.kind === 'distinct' ? (measure.also ?? []) : []),
    ]);
  return [...new Set(used)].filter((name) => fields.get(name)!.since > 2).sort();
}

function fieldsOf(predicate: Predicate): string[] {
  if ('all' in predicate) return predicate.all.flatMap(fieldsOf);
  if ('any' in predicate) return predicate.any.flatMap(fieldsOf);
  if ('not' in predicate) return fieldsOf(predicate.not);
  if ('before' in predicate) return [];
  return 'other' in predicate ? [predicate.field, predicate.other] : [predicate.field];
}

function link(technique: string): string {
  return `[${technique}](https://attack.mitre.org/techniques/${technique.replace('.', '/')}/)`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

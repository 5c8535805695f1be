import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { byteSize, duration, formatInteger } from '../../lambda/common/format-units.ts';
import { slotSecondsOf, windowSlots } from '../../lambda/counters/window.ts';
import { fields } from '../../lambda/flow-log/fields.ts';
import { defaultFormat } from '../../lambda/flow-log/format.ts';
import { isOfPairs } from '../../lambda/rules/correlation.ts';
import type { Rule, RuleSet } from '../../lambda/rules/model.ts';
import { comparisonText, valueText } from '../../lambda/rules/value-text.ts';
import { everyRule } from '../../sigma/compile/compile-rules.ts';
import { offText } from '../../sigma/compile/off-rules.ts';
import { defaultRulesDirectory } from '../../sigma/default-rules.ts';
import { type BlindRule, blindRules, blindText } from '../../sigma/lint/blind-rules.ts';
import { RuleSight } from '../../sigma/lint/rule-sight.ts';
import { compileRuleDirectory } from '../../sigma/rule-directory.ts';

const opening = `<!-- Written by \`npm run docs\` from the files in rules/: change those, and run the command again. -->

# The catalogue

The shipped rules, one file each in [rules/](../../rules). Each section has the key, window and threshold of a rule. It also lists the harmless causes of alerts, the numbers to tune, and the next steps of an investigation. [Writing rules](writing-rules.md) describes the rule file; its comment \`# Tuning\` becomes the list of that name here.

A \`stable\` rule works without changes. A \`test\` rule finds its attack, but needs your exceptions: add what is normal in your network. A window is the rule's timespan and up to a twentieth more.

A rule is blind for a flow log whose format lacks a field that the rule needs. The table shows this for [AWS's default format](../../lambda/flow-log/format.ts). All rules see the format that the stack's own flow logs have. [Writing rules](writing-rules.md#blind-rules) has the details. Rules on countries and AWS Regions are off without a geo table: [regions](../analyse/regions.md#rules). Rules on [events of CloudTrail and GuardDuty](writing-rules.md#events-of-cloudtrail-and-guardduty) are off without context events.
`;

/** Formats the Markdown page of all rules of a directory. */
export function catalogueText(directory: string = defaultRulesDirectory): string {
  const ruleSet = compileRuleDirectory(directory, undefined, everyRule);
  const { rules } = ruleSet;
  const off = new Map(compileRuleDirectory(directory).off?.map((rule) => [rule.name, rule]));
  const blind = blindRules(ruleSet, [{ fields: new Set(defaultFormat.split(' ')) }]);
  const rows = rules.map(
    (rule) =>
      `| [\`${rule.name}\`](#${rule.name}) | ${cell(rule.title)} | ${rule.level} | ${rule.status} | ${off.has(rule.name) ? offText(off.get(rule.name)!) : sightInDefault(rule, blind)} | ${rule.techniques.map(link).join(', ')} |`,
  );
  const table = [
    '| rule | alerts on | level | status | AWS default format | techniques |',
    '|---|---|---|---|---|---|',
    ...rows,
  ].join('\n');
  return [opening, table, '', ...rules.map((rule) => section(rule, ruleSet, tuningOf(directory, rule)))].join('\n');
}

function section(rule: Rule, ruleSet: RuleSet, tuning: readonly string[]): string {
  const beyond = fieldsBeyondDefault(rule, ruleSet);
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
function extensionText({ extension, timespanSeconds, correlation, groupBy }: Rule): string[] {
  const { activeSlots, maxSlotValue, maxSlotSpread, firstSeen, silent } = extension;
  const slotSeconds = slotSecondsOf(timespanSeconds);
  const isBytes = 'field' in correlation && correlation.field === 'bytes';
  return [
    activeSlots &&
      `traffic in at least ${activeSlots} of ${windowSlots(timespanSeconds, slotSeconds)} slots of ${duration(slotSeconds)}`,
    maxSlotValue && `at most ${isBytes ? byteSize(maxSlotValue) : formatInteger(maxSlotValue)} in each`,
    maxSlotSpread && `the largest slot at most ${maxSlotSpread} times the smallest`,
    firstSeen &&
      `${isOfPairs(groupBy) ? 'a pair' : groupBy.join(', ')} first seen within ${duration(firstSeen.withinSeconds)}, after learning for ${duration(firstSeen.learningSeconds)}`,
    silent && `and then no flow for ${duration(silent.forSeconds)}`,
  ].filter((text) => typeof text === 'string');
}

function suppression({ suppressSeconds, backoff, escalate }: Rule): string {
  const longer = backoff > 1 ? `, ${backoff} times as long after each further alert` : '';
  const unless = escalate.length > 0 ? `, unless the value reaches ${escalate.join(', ')} times the threshold` : '';
  return `${duration(suppressSeconds)}${longer}${unless}`;
}

/** Returns the fields that the rule reads and the default format (version 2) lacks. */
function fieldsBeyondDefault(rule: Rule, ruleSet: RuleSet): string[] {
  return new RuleSight(rule, ruleSet).fields.filter((name) => fields.get(name)!.since > 2);
}

/** Describes how much of a flow log in the default format a rule sees. */
function sightInDefault(rule: Rule, blind: readonly BlindRule[]): string {
  const found = blind.find((one) => one.rule === rule.name);
  return found ? blindText(found).replaceAll(/needs (.*)$/g, (_, needed: string) => `needs \`${needed}\``) : 'sees all';
}

function link(technique: string): string {
  return `[${technique}](https://attack.mitre.org/techniques/${technique.replace('.', '/')}/)`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

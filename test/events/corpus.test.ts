import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { scenarioOf } from '../../events/corpus.ts';
import { groupBy, type Label } from '../../events/scenarios/labels.ts';
import { dayEnd, dayStart } from '../../events/scenarios/times.ts';
import { type StyleName, styleNames } from '../../events/style-names.ts';
import { logFormat } from '../../lambda/flow-log/deployed-format.ts';
import { parseLine } from '../../lambda/parse/parse-line.ts';
import { type Detections, detectionsPage, measure, pageTable, shownTable } from '../../tools/detections/detections.ts';
import { formatOf } from '../support/flows.ts';
import { labelledDay } from '../support/labelled-days.ts';
import { byTier } from '../support/tier.ts';
import { nameOf, Oracle } from './catalogue-oracle.ts';

const deployed = formatOf(logFormat);
/** The styles whose lines are checked one by one; the fingerprints check that no style changes. */
const checkedStyles = byTier<readonly StyleName[]>(['office'], styleNames);
const labelsOf = (style: string) => scenarioOf(style).attacks.flatMap(({ labels }) => labels);

/** Hashes of the corpus: a change to the corpus changes them. */
const fingerprints: Readonly<Record<string, string>> = {
  'web-shop': 'b2c7555424a2089d',
  office: '2e0195d397d34ebb',
  'data-platform': '40db9fd867c4c84b',
};

function fingerprintOf(style: string): string {
  const hash = createHash('sha256');
  for (const { line, arrival } of labelledDay(style)) hash.update(`${arrival} ${line}\n`);
  return hash.digest('hex').slice(0, 16);
}

describe('the labelled corpus', () => {
  it.each(styleNames)('generates the same lines each time for %s', (style) => {
    expect(fingerprintOf(style)).toBe(fingerprints[style]);
  });

  it.each(checkedStyles)('generates a day of lines for %s, in the deployed format and in order of arrival', (style) => {
    const counts = { flow: 0, NODATA: 0, SKIPDATA: 0, late: 0 };
    let latest = 0;
    for (const { line, arrival } of labelledDay(style)) {
      const parsed = parseLine(line, [deployed]);
      if (parsed.kind !== 'flow') throw new Error(JSON.stringify(parsed));
      const { values } = parsed.flow;
      expect(values.join(' ')).toBe(line);
      const [start, end, status] = [Number(values[10]), Number(values[11]), values.at(-1)];
      if (status === 'OK') counts.flow += 1;
      else counts[status as 'NODATA' | 'SKIPDATA'] += 1;
      if (arrival - end > 180) counts.late += 1;
      if (start > end || end - start >= 60 || arrival <= end || arrival < latest)
        throw new Error(`${arrival}: ${line}`);
      latest = arrival;
    }
    expect(counts.flow).toBeGreaterThan(100_000);
    expect(counts.flow).toBeLessThan(160_000);
    expect(counts.NODATA).toBeGreaterThan(1440);
    expect(counts.SKIPDATA).toBeGreaterThan(0);
    expect(counts.late).toBeGreaterThan(1000);
  });

  it('has at least three attacks for each rule', () => {
    const byRule = Map.groupBy(styleNames.flatMap(labelsOf), ({ rule }) => rule);
    for (const rule of Object.keys(groupBy) as Label['rule'][]) {
      expect(byRule.get(rule)?.length, rule).toBeGreaterThanOrEqual(3);
    }
  });

  it.each(checkedStyles)('has a label in %s for each alert that the definitions require, and for no other', (style) => {
    const oracle = new Oracle();
    for (const { line } of labelledDay(style)) oracle.add(line);
    const due = oracle.due();
    const labels = labelsOf(style);
    const certain = due.filter(({ isCertain }) => isCertain);
    expect(certain.map(nameOf).sort()).toEqual(labels.map(nameOf).sort());
    expect(due.map(nameOf).sort()).toEqual(labels.map(nameOf).sort());
    for (const label of labels) {
      const { first } = due.find((one) => nameOf(one) === nameOf(label))!;
      expect(first, nameOf(label)).toBeGreaterThanOrEqual(label.from);
      expect(label.to, nameOf(label)).toBeGreaterThan(dayStart);
      expect(label.to, nameOf(label)).toBeLessThanOrEqual(dayEnd);
    }
  });
});

describe('the rules, measured on the corpus', () => {
  let measured: Detections;
  beforeAll(async () => {
    measured = await measure(styleNames);
  });

  it('have the scores of docs/rules/detection-quality.md', () => {
    expect(pageTable(measured).trim()).toBe(shownTable(readFileSync(detectionsPage, 'utf8')));
  });

  it('find every attack and raise no false alert when they are stable', () => {
    const stable = measured.rules.filter(({ status }) => status === 'stable');
    expect(stable.filter(({ precision, recall }) => precision !== 1 || recall !== 1)).toEqual([]);
  });

  it('find every attack and raise no false alert for the first four rules, whatever their status', () => {
    const names = ['data_exfiltration', 'lateral_movement', 'rejects_from_suspicious_ranges', 'repeated_rejects'];
    const first = measured.rules.filter(({ rule }) => names.includes(rule));
    expect(
      first.map(({ precision, recall, missed, falseAlerts }) => ({ precision, recall, missed, falseAlerts })),
    ).toEqual(names.map(() => ({ precision: 1, recall: 1, missed: [], falseAlerts: [] })));
  });
});

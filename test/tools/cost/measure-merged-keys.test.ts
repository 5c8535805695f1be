import { describe, expect, it } from 'vitest';
import { mergedMinutes, readMeasured } from '../../../cli/cost/measured-traffic.ts';
import { scenarioOf } from '../../../events/corpus.ts';
import { deliveredLines } from '../../../events/scenarios/delivery.ts';
import { dayStart } from '../../../events/scenarios/times.ts';
import { aggregate } from '../../../lambda/aggregate/aggregate.ts';
import { isPair } from '../../../lambda/counters/counter-key.ts';
import { logFormat } from '../../../lambda/flow-log/deployed-format.ts';
import { type Format, parseFormat } from '../../../lambda/flow-log/format.ts';
import { parseLine } from '../../../lambda/parse/parse-line.ts';
import { loadRules } from '../../../lambda/rules/load.ts';
import { measureMergedKeys } from '../../../tools/cost/measure-merged-keys.ts';
import { rulesOfStyle } from '../../../tools/detections/rules-of-style.ts';

const rules = loadRules(rulesOfStyle('data-platform'));

describe('measureMergedKeys', () => {
  it('counts as many pairs as one record at a time does in the first hour', () => {
    const until = dayStart + 3600;
    const windows = mergedMinutes.map(() => new Set<string>());
    let records = 0;
    for (const { line, arrival } of deliveredLines(scenarioOf('data-platform'))) {
      if (arrival < dayStart || arrival >= until) continue;
      records += 1;
      const parsed = parseLine(line, [parseFormat(logFormat) as Format]);
      if (parsed.kind !== 'flow') continue;
      for (const { key } of aggregate([{ flow: parsed.flow, arrival }], rules).deltas) {
        if (!isPair(key)) continue;
        for (const [index, minutes] of mergedMinutes.entries())
          windows[index]!.add(`${Math.floor(arrival / 60 / minutes)} ${key.pk}`);
      }
    }
    const expected = windows.map(({ size }) => Number((size / records).toPrecision(4)));
    expect(measureMergedKeys('data-platform', rules, until).pairs).toEqual(expected);
  });

  it('counts of a whole day what measured.json has', () => {
    const { pairs, amounts, presence } = measureMergedKeys('data-platform', rules);
    const written = readMeasured().styles['data-platform']!;
    expect(written.mergedPairs).toEqual(pairs);
    for (const [name, { mergedAmounts, mergedPresence }] of Object.entries(written.groupings)) {
      expect(mergedAmounts).toEqual(amounts.get(name) ?? [0, 0, 0]);
      expect(mergedPresence).toEqual(presence.get(name) ?? [0, 0, 0]);
    }
    expect([...presence.keys()].sort()).toEqual(['dstaddr,dstport,protocol,srcaddr,srcport', 'interface-id']);
  });
});

import { describe, expect, it } from 'vitest';
import { readMeasured } from '../../../cli/cost/measured-traffic.ts';
import { dayStart } from '../../../events/scenarios/times.ts';
import { styleNames } from '../../../events/style-names.ts';
import { loadRules } from '../../../lambda/rules/load.ts';
import { measureTraffic } from '../../../tools/cost/measure-cost.ts';
import { rulesOfStyle } from '../../../tools/detections/rules-of-style.ts';

describe('measureTraffic', () => {
  it('has an entry in measured.json for each style of traffic', () => {
    expect(Object.keys(readMeasured().styles)).toEqual(styleNames);
  });

  it('measures similar sizes and writes in the first hours of a day as in the written day', async () => {
    const measured = await measureTraffic('web-shop', loadRules(rulesOfStyle('web-shop')), dayStart + 3 * 3600);
    const written = readMeasured().styles['web-shop']!;
    for (const name of [
      'payloadBytes',
      'decodedBytes',
      'subscriptionBytes',
      'storedBytes',
      'defaultFormatBytes',
    ] as const) {
      expect(Math.abs(measured[name] / written[name] - 1), name).toBeLessThan(0.15);
    }
    expect(measured.pairsTouched / written.pairsTouched).toBeGreaterThan(0.7);
    expect(measured.pairUnits).toBeGreaterThanOrEqual(measured.barePairUnits);
    expect(measured.barePairUnits).toBeGreaterThanOrEqual(1);
    expect(measured.recordsPerPair).toBeGreaterThan(1);
  });
});

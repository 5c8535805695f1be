import { describe, expect, it } from 'vitest';
import { unitsPerMonth } from '../../../cli/cost/bill.ts';
import { counterCosts, pairGrouping, trafficOfRules } from '../../../cli/cost/counter-costs.ts';
import { meanTraffic, readMeasured } from '../../../cli/cost/measured-traffic.ts';
import { loadOf } from '../../../cli/cost/model.ts';
import { readPriceList } from '../../../cli/cost/price-list.ts';
import { usageOf } from '../../../cli/cost/usage.ts';
import { settingsShape } from '../../../lib/settings/settings.ts';
import { compileRuleDirectory } from '../../../sigma/rule-directory.ts';
import { networks, ruleSetOf, ruleText } from '../../support/rules.ts';

const { styles, machine } = readMeasured();
const mean = meanTraffic(Object.values(styles));
const prices = readPriceList();
const shipped = compileRuleDirectory();
const usage = { ...usageOf(settingsShape.parse({})), recordsPerDay: 100_000_000 };

function costsOf(ruleSet: typeof shipped) {
  return counterCosts(loadOf(usage, trafficOfRules(mean, ruleSet), machine), ruleSet, prices);
}

describe('counterCosts', () => {
  it('names the rules of each grouping, the dearest grouping first', () => {
    const costs = costsOf(shipped);
    expect(costs[0]).toMatchObject({ groupBy: pairGrouping });
    expect(costs.map(({ usd }) => usd)).toEqual(costs.map(({ usd }) => usd).sort((a, b) => b - a));
    expect(costs.find(({ groupBy }) => groupBy === 'interface-id')!.rules).toEqual([
      'silent_interface',
      'skipped_records',
    ]);
    expect(costs.every(({ isMeasured }) => isMeasured)).toBe(true);
  });

  it('has all write units of the load but those of markers and further writes', () => {
    const load = loadOf(usage, trafficOfRules(mean, shipped), machine);
    const perSecond = (counterCosts(load, shipped, prices).reduce((sum, { units }) => sum + units, 0) * 1e5) / 86_400;
    const markers = (2 * load.batchesPerMinute) / 60;
    expect(perSecond * (1 + mean.extraWrites) + markers).toBeCloseTo(load.writeUnitsPerSecond, 6);
  });

  it('asks no rule that comes with the program for more than a twentieth of the writes', () => {
    for (const recordsPerDay of [1e6, 1e8, 1e10]) {
      const load = loadOf({ ...usage, recordsPerDay }, trafficOfRules(mean, shipped), machine);
      const all = counterCosts(load, shipped, prices);
      const units = all.reduce((sum, one) => sum + one.units, 0);
      for (const one of all) if (one.groupBy !== pairGrouping) expect(one.units / units).toBeLessThan(1 / 20);
    }
  });

  it('gives a grouping that was not measured the price of a write for each record', () => {
    const own = ruleSetOf(
      [ruleText('{protocol: 6}', 'type: event_count, group-by: [az-id], timespan: 1h, condition: {gte: 2}')],
      networks,
    );
    const cost = costsOf(own).find(({ groupBy }) => groupBy === 'az-id')!;
    const unitsPerSecond = (100_000_000 / 86_400) * mean.groupUnits;
    expect(cost).toMatchObject({ rules: ['rule_0'], isMeasured: false });
    expect(cost.usd).toBeCloseTo((unitsPerMonth(unitsPerSecond) * 0.625) / 1e6, 6);
  });
});

describe('trafficOfRules', () => {
  it('leaves out the slots of presence when no rule asks for them', () => {
    const rules = shipped.rules.filter(({ name }) => name !== 'silent_interface');
    const series = shipped.series.filter(
      ({ groupBy, measure }) => groupBy.join() !== 'interface-id' || measure.kind !== 'presence',
    );
    const { groupings } = trafficOfRules(mean, { ...shipped, rules, series } as typeof shipped);
    expect(groupings['interface-id']).toMatchObject({ present: 0, slots: 0, mergedPresence: [0, 0, 0] });
    expect(groupings['interface-id']!.mergedAmounts[2]).toBeGreaterThan(0);
    expect(groupings['interface-id']!.ofMinute).toBeGreaterThan(0);
  });

  it('leaves out the amounts when only rules of presence ask for a grouping', () => {
    const series = shipped.series.filter(
      ({ groupBy, measure }) => groupBy.join() !== 'interface-id' || measure.kind === 'presence',
    );
    const { groupings } = trafficOfRules(mean, { series });
    expect(groupings['interface-id']).toMatchObject({ touched: 0, ofMinute: 0, mergedAmounts: [0, 0, 0] });
    expect(groupings['interface-id']!.mergedPresence[2]).toBeGreaterThan(0);
  });

  it('leaves out a grouping when no rule groups by its fields', () => {
    const { groupings } = trafficOfRules(mean, { series: [] });
    expect(groupings).toEqual({});
  });
});

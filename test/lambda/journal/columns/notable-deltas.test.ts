import { describe, expect, it } from 'vitest';
import { notableDeltas } from '../../../../lambda/journal/columns/notable-deltas.ts';
import type { LoadedRules } from '../../../../lambda/rules/loaded.ts';
import { deltasOf } from '../../../support/deltas.ts';
import { epoch, flowOf } from '../../../support/flows.ts';
import { rulesOf, ruleText } from '../../../support/rules.ts';

const pairs = 'group-by: [srcaddr, dstaddr]';

/** Returns whether the deltas of flows are notable. */
function areNotable(rules: LoadedRules, ...values: Record<string, string | number>[]): boolean[] {
  const flows = values.map((one) => ({ flow: flowOf(one), arrival: epoch + 60 }));
  return deltasOf(flows, rules).map(notableDeltas(rules));
}

describe('notableDeltas', () => {
  it('accepts a delta that has a twentieth of a threshold', () => {
    const rules = rulesOf(
      ruleText('{action: ACCEPT}', `type: value_sum, ${pairs}, timespan: 10m, condition: {field: bytes, gt: 2000}`),
    );
    expect(areNotable(rules, { bytes: 99 })).toEqual([false]);
    expect(areNotable(rules, { bytes: 100 })).toEqual([true]);
  });

  it('adds the slots of a series', () => {
    const rules = rulesOf(
      ruleText('{action: ACCEPT}', `type: event_count, ${pairs}, timespan: 10m, condition: {gte: 60}`),
    );
    const flows = [0, 60, 120].map((before) => ({ start: epoch - before, end: epoch - before }));
    expect(areNotable(rules, ...flows.slice(1))).toEqual([false]);
    expect(areNotable(rules, ...flows)).toEqual([true]);
  });

  it('counts distinct values', () => {
    const rules = rulesOf(
      ruleText('{action: ACCEPT}', `type: value_count, ${pairs}, timespan: 10m, condition: {field: dstport, gte: 40}`),
    );
    expect(areNotable(rules, { dstport: 1 }, { dstport: 1 })).toEqual([false]);
    expect(areNotable(rules, { dstport: 1 }, { dstport: 2 })).toEqual([true]);
  });

  it('uses the lowest threshold when rules share a series', () => {
    const rule = (name: string, gte: number) =>
      ruleText('{action: ACCEPT}', `type: event_count, ${pairs}, timespan: 10m, condition: {gte: ${gte}}`)
        .replaceAll('some_flow', name)
        .replaceAll('Some', name);
    const [low, high] = [rule('low', 20), rule('high', 1000)];
    expect(areNotable(rulesOf(low, high), {})).toEqual([true]);
    expect(areNotable(rulesOf(high, low), {})).toEqual([true]);
    expect(areNotable(rulesOf(high), {})).toEqual([false]);
  });

  it('reads the thresholds within a temporal rule, and no detections', () => {
    const parts = (gte: number) =>
      rulesOf(`
title: Rejected flow
name: rejected_flow
logsource: {product: aws, service: vpcflow}
detection: {selection: {action: REJECT}, condition: selection}
---
title: Accepted flow
name: accepted_flow
logsource: {product: aws, service: vpcflow}
detection: {selection: {action: ACCEPT}, condition: selection}
---
title: Many rejects
name: many_rejects
correlation: {type: event_count, rules: [rejected_flow], ${pairs}, timespan: 10m, condition: {gte: ${gte}}}
---
title: Rejects, then a flow
level: high
correlation: {type: temporal, rules: [many_rejects, accepted_flow], ${pairs}, timespan: 10m}
`);
    expect(areNotable(parts(20), { action: 'REJECT' })).toEqual([true]);
    expect(areNotable(parts(21), { action: 'REJECT' })).toEqual([false]);
    expect(areNotable(parts(20), { action: 'ACCEPT' })).toEqual([false]);
  });

  it('ignores a rule with a condition on its slots', () => {
    const slow = `type: event_count, ${pairs}, timespan: 10m, condition: {gte: 20}`;
    const rules = rulesOf(ruleText('{action: ACCEPT}', slow, 'flow_sentinel: {active_slots: {gte: 5}}'));
    expect(areNotable(rules, {})).toEqual([false]);
  });
});

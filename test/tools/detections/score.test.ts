import { describe, expect, it } from 'vitest';
import { failsOf, type Outcome, scoreOf } from '../../../tools/detections/score.ts';

const key = { srcaddr: '10.0.0.1', dstaddr: '198.18.0.1' };
const label = { rule: 'data_exfiltration', key, from: 1000, to: 2000 } as const;
const alert = {
  ...{ rule: 'data_exfiltration', key: { dstaddr: '198.18.0.1', srcaddr: '10.0.0.1' }, from: 500, to: 1500 },
  level: 'high',
};
const outcome = (alerts: Outcome['alerts'], labels = [{ label, attack: 'slowly' }]): Outcome[] => [
  { style: 'office', labels, alerts },
];

describe('scoreOf', () => {
  it('counts an alert as true when a label has its rule and key, in any order, and overlaps its window', () => {
    const score = scoreOf('data_exfiltration', 'stable', outcome([alert, { ...alert, from: 2000, to: 4000 }]));
    expect(score).toMatchObject({ attacks: 1, found: 1, alerts: 2, precision: 1, recall: 1 });
    expect(failsOf([score])).toEqual([]);
  });

  it.each([
    ['ends before the attack begins', { ...alert, to: 1000 }],
    ['begins after the attack ends', { ...alert, from: 2001, to: 4000 }],
    ['has another key', { ...alert, key: { srcaddr: '10.0.0.2', dstaddr: '198.18.0.1' } }],
  ])('counts an alert as false when it %s', (_, wrong) => {
    const score = scoreOf('data_exfiltration', 'stable', outcome([wrong]));
    expect(score).toMatchObject({ attacks: 1, found: 0, precision: 0, recall: 0 });
    expect(score.falseAlerts).toEqual([{ style: 'office', key: wrong.key, from: wrong.from, to: wrong.to }]);
    expect(score.missed).toEqual([{ style: 'office', key, from: 1000, to: 2000, attack: 'slowly' }]);
    expect(failsOf([score])).toEqual([score]);
    expect(failsOf([{ ...score, status: 'test' }])).toEqual([]);
  });

  it.each([
    ['high', 1],
    ['critical', 0],
  ] as const)('compares the level %s when the label has one: found %i', (level, found) => {
    const labels = [{ label: { ...label, level }, attack: 'slowly' }];
    expect(scoreOf('data_exfiltration', 'stable', outcome([alert], labels))).toMatchObject({ found });
  });

  it('scores each rule and each style separately', () => {
    expect(scoreOf('repeated_rejects', 'test', outcome([alert]))).toMatchObject({ attacks: 0, alerts: 0 });
    const elsewhere = [...outcome([]), { style: 'web-shop', labels: [], alerts: [alert] }];
    expect(scoreOf('data_exfiltration', 'test', elsewhere)).toMatchObject({ found: 0, precision: 0, recall: 0 });
  });

  it('returns null as the precision without an alert, and as the recall without an attack', () => {
    expect(scoreOf('data_exfiltration', 'test', outcome([]))).toMatchObject({ precision: null, recall: 0 });
    expect(scoreOf('data_exfiltration', 'test', outcome([], []))).toMatchObject({ precision: null, recall: null });
  });
});

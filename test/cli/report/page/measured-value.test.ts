import { describe, expect, it } from 'vitest';
import { measuredValue } from '../../../../cli/report/page/measured-value.ts';
import { alertsOfAllRules, digestAlerts, reportOf } from '../report-fixtures.ts';

describe('measuredValue', () => {
  it('has the value of the e-mail, above the threshold', async () => {
    const { alerts } = reportOf(await alertsOfAllRules());
    const all = alerts.flatMap(({ body, text }) => {
      const amounts = measuredValue(body);
      return amounts ? [{ ...amounts, headline: text.split('\n')[0]! }] : [];
    });
    expect(all.filter(({ headline, value }) => !headline.includes(value))).toEqual([]);
    expect(all.filter(({ times }) => !(times >= 1))).toEqual([]);
    expect(new Set(all.map(({ threshold }) => threshold))).toContain('100 MB');
  });

  it('is undefined for temporal rules and resolution notices', async () => {
    const { alerts } = reportOf([...(await alertsOfAllRules()), ...(await digestAlerts())]);
    const silent = alerts.filter(({ body }) => body.ended || body.measure.type.startsWith('temporal'));
    expect(silent.length).toBeGreaterThan(2);
    expect(silent.filter(({ body }) => measuredValue(body))).toEqual([]);
  });

  it('is undefined when any flow reaches the threshold', async () => {
    const { alerts } = reportOf(await alertsOfAllRules());
    const any = alerts.filter(({ body }) => body.threshold <= 1);
    expect(any.map(({ body }) => body.rule)).toContain('beaconing');
    expect(any.filter(({ body }) => measuredValue(body))).toEqual([]);
  });
});

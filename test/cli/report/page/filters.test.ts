import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  filtered,
  noFilters,
  orders,
  readFilters,
  readTime,
  writeFilters,
} from '../../../../cli/report/page/filters.ts';
import { knownAddresses } from '../../../../cli/report/page/known-addresses.ts';
import { shownAlerts } from '../../../../cli/report/page/shown-alert.ts';
import { epoch } from '../../../support/flows.ts';
import { alertsOfAllRules, reportOf } from '../report-fixtures.ts';

const alerts = shownAlerts(reportOf(await alertsOfAllRules()).alerts);

const nothing = knownAddresses({ period: undefined });

describe('filters', () => {
  it('are the same after writing and reading the URL', () => {
    const anyTime = fc.option(fc.integer({ min: 0, max: 4_000_000_000 }), { nil: undefined });
    const anyFilters = fc.record({
      level: fc.string(),
      rule: fc.string(),
      text: fc.string(),
      from: anyTime,
      to: anyTime,
      order: fc.constantFrom(...orders),
    });
    fc.assert(
      fc.property(anyFilters, (filters) => {
        expect(readFilters(`#${writeFilters(filters)}`)).toEqual(filters);
      }),
    );
    expect(writeFilters(noFilters)).toBe('');
  });

  it('ignore invalid values', () => {
    expect(readFilters('#from=soon&to=&order=best&other=1')).toEqual(noFilters);
  });

  it.each([
    ['2026-11-24 09:00', epoch],
    ['2026-11-24T09:00Z', epoch],
    [' 2026-11-24 09:00:30 ', epoch + 30],
    ['2026-11-24', epoch - 9 * 3600],
    ['2026-13-24', undefined],
    ['09:00', undefined],
    ['', undefined],
  ])('read the time %j', (text, expected) => expect(readTime(text)).toBe(expected));

  it('find an address by any part, in keys and evidence', () => {
    const found = filtered(alerts, { ...noFilters, text: ' 198.18.7.' }, nothing);
    expect(found.length).toBeGreaterThan(0);
    expect(found.filter(({ alert }) => !JSON.stringify(alert.body).includes('198.18.7.'))).toEqual([]);
  });

  it('find a destination of an alert that the evidence of its batch does not list', () => {
    const sweep = alerts.find(
      ({ alert: { body } }) => body.distinct?.field === 'dstaddr' && body.evidence.more.length > 0,
    );
    const last = String(sweep!.alert.body.distinct!.values.at(-1));
    expect(JSON.stringify(sweep!.alert.body.evidence)).not.toContain(`"${last}"`);
    expect(filtered(alerts, { ...noFilters, text: last }, nothing)).toContain(sweep);
  });

  it('sort by severity, then by the latest time', () => {
    const [first, ...others] = filtered(alerts, noFilters, nothing);
    expect(first!.level).toBe('high');
    expect(others.at(-1)!.level).toBe('low');
    const highs = filtered(alerts, { ...noFilters, level: 'high' }, nothing).map(({ at }) => at);
    expect(highs).toEqual(highs.toSorted((a, b) => b - a));
    const times = filtered(alerts, { ...noFilters, order: 'earliest' }, nothing).map(({ at }) => at);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  it('include the start of a range and exclude its end', () => {
    const at = alerts[0]!.at;
    const within = (from: number, to: number) => filtered([alerts[0]!], { ...noFilters, from, to }, nothing).length;
    expect([within(at, at + 1), within(at - 1, at), within(at + 1, at + 2)]).toEqual([1, 0, 0]);
  });
});

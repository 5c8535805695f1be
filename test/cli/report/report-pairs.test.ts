import { describe, expect, it } from 'vitest';
import { writePairColumns } from '../../../cli/report/page/pair-columns.ts';
import { reportPairs } from '../../../cli/report/report-pairs.ts';
import type { PairCounter } from '../../../cli/statistics/pair-counter.ts';
import type { AlertBody } from '../../../lambda/alert/alert-body.ts';
import { epoch } from '../../support/flows.ts';

function pair(src: string, dst: string, bytes: number, rejects = 0): PairCounter {
  return { src, dst, bytes, rejects, firstSeen: epoch, lastSeen: epoch + 60 };
}

function alertOn(key: Record<string, string>): AlertBody {
  return { key, ended: false, evidence: { flows: 1, more: [] } } as unknown as AlertBody;
}

const many = Array.from({ length: 5000 }, (_, n) => pair(`10.0.${n >> 8}.${n & 255}`, '192.0.2.1', n, 5000 - n));

describe('reportPairs', () => {
  it('has all pairs, the busiest first, when these fit', () => {
    expect(reportPairs(many, [])).toEqual({ pairs: many.toReversed(), pairCount: 5000 });
  });

  it('stays below the number of characters for its columns', () => {
    const { pairs, pairCount } = reportPairs(many, [], 20_000);
    expect(pairCount).toBe(5000);
    const { length } = JSON.stringify(writePairColumns(pairs));
    expect(length).toBeGreaterThan(18_000);
    expect(length).toBeLessThan(20_500);
  });

  it('has the busiest pairs by bytes and by rejects when not all fit', () => {
    const { pairs } = reportPairs(many, [], 20_000);
    expect(pairs[0]).toBe(many[4999]);
    expect(pairs.at(-1)).toBe(many[0]);
    const byRejects = pairs.filter(({ rejects }) => rejects > 4000);
    expect(byRejects.length / pairs.length).toBeCloseTo(0.2, 1);
  });

  it('has the pairs of alerts and the busiest pairs of their hosts when not all fit', () => {
    const partners = Array.from({ length: 100 }, (_, n) => pair('10.9.1.5', `198.51.100.${n}`, n + 1));
    const rejected = pair('198.51.100.9', '10.9.1.5', 0, 4);
    const quiet = pair('10.9.1.5', '203.0.113.9', 0, 1);
    const all = [...partners, rejected, quiet, ...many.map((one) => ({ ...one, bytes: 1e9, rejects: 99 }))];
    const { pairs } = reportPairs(all, [alertOn({ srcaddr: '10.9.1.5', dstaddr: '203.0.113.9' })], 5000);
    expect(pairs).toContain(quiet);
    expect(pairs).toContain(rejected);
    expect(pairs).toContain(partners[99]);
    expect(pairs).not.toContain(partners[0]);
  });
});

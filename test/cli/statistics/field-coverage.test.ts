import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FieldCoverage } from '../../../cli/statistics/field-coverage.ts';

describe('FieldCoverage', () => {
  it('groups flows by their fields, and notes which fields ever have a value', () => {
    const coverage = new FieldCoverage(['action', 'tcp-flags']);
    coverage.add({ action: 'ACCEPT' }, true);
    coverage.add({ action: null, tcp_flags: null }, true);
    coverage.add({ action: null, tcp_flags: 2 }, true);
    coverage.add({ action: null }, false);
    expect(coverage.flows).toEqual([
      { fields: new Set(['action']), valued: new Set(['action']), flows: 1 },
      { fields: new Set(['action', 'tcp-flags']), valued: new Set(['tcp-flags']), flows: 2 },
    ]);
  });

  it('gives the groups of a map by fields for any rows', () => {
    const fields = ['action', 'bytes', 'vpc-id'];
    const row = fc.dictionary(fc.constantFrom('action', 'bytes', 'vpc_id'), fc.constantFrom(null, 'x'));
    fc.assert(
      fc.property(fc.array(fc.tuple(row, fc.boolean())), (rows) => {
        const coverage = new FieldCoverage(fields);
        for (const [one, isFlow] of rows) coverage.add(one, isFlow);
        const names = (one: object) => fields.filter((name) => name.replace('-', '_') in one);
        const groups = [...Map.groupBy(rows, ([one]) => names(one).join())].map(([, all]) => ({
          fields: new Set(names(all[0]![0])),
          valued: new Set(fields.filter((name) => all.some(([one]) => (one[name.replace('-', '_')] ?? null) !== null))),
          flows: all.filter(([, isFlow]) => isFlow).length,
        }));
        expect(coverage.flows).toEqual(groups);
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileRules } from '../../../sigma/compile/compile-rules.ts';
import { allowancesOfFilters, allowancesOfLists, expiredBy, outlinesOf } from '../../../sigma/lint/outline.ts';
import { detectionsOf, filtersOf, outlineOf } from '../../../sigma/lint/rule-parts.ts';
import { networks, ruleText } from '../../support/rules.ts';

const rule = {
  path: 'rules/many.yml',
  text: ruleText('{action: REJECT}', 'type: event_count, group-by: [srcaddr], timespan: 1h, condition: {gte: 3}'),
};
const filter = {
  path: 'rules/filter_many_1.yml',
  text: `title: Left out
logsource: {product: aws, service: vpcflow}
filter: {rules: [many], selection: {srcaddr: 10.0.0.4}, condition: not selection}
allow: {reason: ours, expires: 2026-12-31}`,
};

describe('outlinesOf', () => {
  it('returns the kind, title, names and location of each document', () => {
    expect(outlinesOf([rule, filter])).toMatchObject([
      { place: 'rules/many.yml:2', kind: 'detection', title: 'Some flow', name: 'some_flow', rules: [] },
      { place: 'rules/many.yml:7', kind: 'correlation', title: 'Some rule', rules: ['some_flow'] },
      { place: 'rules/filter_many_1.yml:1', kind: 'filter', rules: ['many'], allowed: { reason: 'ours' } },
    ]);
  });

  it('finds the detections and the filters of a rule', () => {
    const compiled = compileRules([rule], networks).rules[0]!;
    const outlines = outlinesOf([rule, filter, { ...filter, text: filter.text.replace('[many]', '[other]') }]);
    expect(outlineOf(compiled, outlines)).toMatchObject({ kind: 'correlation' });
    const detections = detectionsOf(compiled, outlines);
    expect(detections).toMatchObject([{ title: 'Some flow' }]);
    expect(filtersOf(compiled, detections, outlines)).toMatchObject([{ rules: ['many'] }]);
  });

  it('never throws for any file content', () => {
    fc.assert(fc.property(fc.json(), (text) => void outlinesOf([{ path: 'some.yml', text }])));
  });
});

describe('allowances', () => {
  it('expires a filter after its last day', () => {
    const all = allowancesOfFilters(outlinesOf([filter]));
    expect(expiredBy('2026-12-31', all)).toEqual([]);
    expect(expiredBy('2027-01-01', all)).toEqual([
      { place: 'rules/filter_many_1.yml:1', subject: 'the filter "Left out"', expires: '2026-12-31' },
    ]);
  });

  it('includes the entries of a list that expire', () => {
    const text = 'some:\n  - 10.0.0.0/8\n  - {network: 10.1.0.0/16, expires: 2026-12-31}\n';
    expect(allowancesOfLists({ path: 'networks.yml', text })).toEqual([
      { place: 'networks.yml:3', subject: '10.1.0.0/16 in the list some', list: 'some', expires: '2026-12-31' },
    ]);
  });
});

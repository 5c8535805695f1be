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

describe('outlines', () => {
  it('say what each document is, and where', () => {
    expect(outlinesOf([rule, filter])).toMatchObject([
      { place: 'rules/many.yml:2', kind: 'detection', title: 'Some flow', name: 'some_flow', rules: [] },
      { place: 'rules/many.yml:7', kind: 'correlation', title: 'Some rule', rules: ['some_flow'] },
      { place: 'rules/filter_many_1.yml:1', kind: 'filter', rules: ['many'], allowed: { reason: 'ours' } },
    ]);
  });

  it('tell the detections and the filters of a rule', () => {
    const compiled = compileRules([rule], networks).rules[0]!;
    const outlines = outlinesOf([rule, filter, { ...filter, text: filter.text.replace('[many]', '[other]') }]);
    expect(outlineOf(compiled, outlines)).toMatchObject({ kind: 'correlation' });
    const detections = detectionsOf(compiled, outlines);
    expect(detections).toMatchObject([{ title: 'Some flow' }]);
    expect(filtersOf(compiled, detections, outlines)).toMatchObject([{ rules: ['many'] }]);
  });

  it('never throw, whatever the files hold', () => {
    fc.assert(fc.property(fc.json(), (text) => void outlinesOf([{ path: 'some.yml', text }])));
  });
});

describe('what is only there for so long', () => {
  it('has expired when its last day is over', () => {
    const all = allowancesOfFilters(outlinesOf([filter]));
    expect(expiredBy('2026-12-31', all)).toEqual([]);
    expect(expiredBy('2027-01-01', all)).toEqual([
      { place: 'rules/filter_many_1.yml:1', what: 'the filter "Left out"', expires: '2026-12-31' },
    ]);
  });

  it('may be an entry of a list', () => {
    const text = 'some:\n  - 10.0.0.0/8\n  - {network: 10.1.0.0/16, expires: 2026-12-31}\n';
    expect(allowancesOfLists({ path: 'networks.yml', text })).toEqual([
      { place: 'networks.yml:3', what: '10.1.0.0/16 in the list some', list: 'some', expires: '2026-12-31' },
    ]);
  });
});

import { beforeAll, describe, expect, it } from 'vitest';
import { athenaQuery, athenaValuesQuery } from '../../../../lambda/alert/queries.ts';
import { savedQueries } from '../../../../lib/queries/athena-saved-queries.ts';
import { epoch } from '../../../support/flows.ts';
import { type TrinoGrammar, trinoGrammar } from '../../../support/trino-grammar.ts';

let problems: TrinoGrammar;
beforeAll(async () => {
  problems = await trinoGrammar();
});

describe('the statements for Athena', () => {
  it.each(savedQueries)('$name parses as Trino when it is a saved query', ({ sql }) => {
    expect(problems(sql)).toEqual([]);
  });

  it.each([
    ['a keyword as a column', 'SELECT end FROM vpc_flow_logs'],
    ['clauses in another order', 'SELECT day FROM vpc_flow_logs LIMIT 10 ORDER BY 1'],
    ['an open bracket', 'SELECT count(* FROM vpc_flow_logs'],
    ['no columns', 'SELECT FROM vpc_flow_logs'],
  ])('reports a problem when a statement has %s', (_, sql) => {
    expect(problems(sql)).not.toEqual([]);
  });

  it('parses the query of an alert as Trino when its key has quotes or keywords', () => {
    const claim = { from: epoch, to: epoch + 3600 };
    const key = { srcaddr: '10.0.1.5', 'interface-id': "eni-'; DROP", dstport: '22', end: '5' };
    for (const hasTrueEnds of [true, false]) expect(problems(athenaQuery(key, claim, hasTrueEnds))).toEqual([]);
    const distinct = [
      { field: 'vpc-id', values: ["vpc-'; DROP"], more: 0 },
      { field: 'dstaddr', also: ['srcaddr', 'end', 'dstport'], values: [], more: 3 },
    ];
    for (const one of distinct) expect(problems(athenaValuesQuery(key, claim, true, one, false))).toEqual([]);
  });
});

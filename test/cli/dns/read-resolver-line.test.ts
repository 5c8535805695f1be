import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readResolverLine } from '../../../cli/dns/read-resolver-line.ts';
import { queryOf, resolverLine } from '../../support/dns-queries.ts';

describe('readResolverLine', () => {
  it('reads a query, and the name that was asked for when the answer is a chain of names', () => {
    const answers = [
      { Rdata: 'edge.example.net.', Type: 'CNAME', Class: 'IN' },
      { Rdata: '198.51.100.9', Type: 'A', Class: 'IN' },
      { Rdata: '198.51.100.10', Type: 'A', Class: 'IN' },
    ];
    expect(readResolverLine(resolverLine({ answers }))).toEqual(
      queryOf({ addresses: ['198.51.100.9', '198.51.100.10'] }),
    );
  });

  it('reads a line of an export of CloudWatch Logs, which begins with a time', () => {
    expect(readResolverLine(`2026-11-24T09:00:01.000Z ${resolverLine()}`)).toEqual(queryOf());
  });

  it('shortens the id of a VPC that is too long', () => {
    expect(readResolverLine(resolverLine({ vpc_id: 'v'.repeat(1000) }))).toMatchObject({ vpc: 'v'.repeat(64) });
  });

  it('takes addresses of the types A and AAAA only', () => {
    const answers = [
      { Rdata: '198.51.100.1', Type: 'TXT', Class: 'IN' },
      { Rdata: '2001:db8::9', Type: 'AAAA', Class: 'IN' },
      { Rdata: 'host', Type: 'A', Class: 'IN' },
      null,
      7,
    ];
    expect(readResolverLine(resolverLine({ answers }))).toMatchObject({ addresses: ['2001:db8::9'] });
  });

  it.each([{ rcode: 'NXDOMAIN', answers: [] }, { answers: undefined }, { answers: 'many' }])(
    'reads no address when the answer is %j',
    (values) => {
      expect(readResolverLine(resolverLine(values))).toEqual(queryOf({ addresses: [] }));
    },
  );

  it.each([
    ['no JSON', 'expected JSON of Route 53 Resolver'],
    ['null', 'query_name is missing'],
    ['[1]', 'query_name is missing'],
    [resolverLine({ query_name: 7 }), 'query_name is missing'],
    [resolverLine({ query_timestamp: '24/11/2026' }), 'query_timestamp is invalid'],
    [resolverLine({ query_timestamp: '2026-11-24T09:00:00' }), 'query_timestamp is invalid'],
    [resolverLine({ srcaddr: undefined }), 'srcaddr is invalid'],
    [resolverLine({ srcaddr: 'host' }), 'srcaddr is invalid'],
  ])('says what is wrong with %s', (line, problem) => {
    expect(readResolverLine(line)).toEqual({ problem: expect.stringContaining(problem) });
  });

  it('throws for no line', () => {
    const anyLine = fc.oneof(
      fc.string(),
      fc.json(),
      fc.dictionary(fc.constantFrom('answers', 'srcaddr', 'vpc_id', 'query_name'), fc.jsonValue()).map(resolverLine),
    );
    fc.assert(
      fc.property(anyLine, (line) => {
        expect(() => readResolverLine(line)).not.toThrow();
      }),
    );
  });
});

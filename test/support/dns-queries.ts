import { cleanName, type DnsQuery } from '../../cli/dns/dns-query.ts';
import { DnsTable } from '../../cli/dns/dns-table.ts';
import { epoch } from './flows.ts';

/** Makes a query of the host 10.0.1.5 for update.example.com, some values replaced. @param name in the form of a log */
export function queryOf({ name = 'update.example.com.', ...values }: Partial<DnsQuery> = {}): DnsQuery {
  return {
    host: '10.0.1.5',
    vpc: 'vpc-0a',
    time: epoch,
    addresses: ['198.51.100.9'],
    ...values,
    name: cleanName(name),
  };
}

/** Makes a table of queries. */
export function dnsTableOf(...queries: readonly Partial<DnsQuery>[]): DnsTable {
  const table = new DnsTable();
  for (const query of queries) table.add(queryOf(query));
  return table;
}

/** Makes a line of a query log of Route 53 Resolver, some values replaced. */
export function resolverLine(values: Record<string, unknown> = {}): string {
  return JSON.stringify({
    version: '1.100000',
    account_id: '123456789012',
    region: 'eu-west-1',
    vpc_id: 'vpc-0a',
    query_timestamp: '2026-11-24T09:00:00Z',
    query_name: 'update.example.com.',
    query_type: 'A',
    query_class: 'IN',
    rcode: 'NOERROR',
    answers: [{ Rdata: '198.51.100.9', Type: 'A', Class: 'IN' }],
    srcaddr: '10.0.1.5',
    srcport: '50123',
    transport: 'UDP',
    srcids: { instance: 'i-0a' },
    ...values,
  });
}

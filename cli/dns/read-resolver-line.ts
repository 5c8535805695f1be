import { cleanName, type DnsQuery, isQueryTime, plainAddress } from './dns-query.ts';

/** ISO 8601 in UTC. Date.parse also accepts other forms, and reads some as local time. */
const utcTime = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;

/** The most characters of the id of a VPC: AWS's have 21. */
const maxIdLength = 64;

/** The types of answers with an address. */
const addressTypes = ['A', 'AAAA'];

/**
 * Parses a line of a Route 53 Resolver query log: a JSON object (Route 53 Developer Guide, "Values that appear in VPC
 * Resolver query logs"). An export of CloudWatch Logs has a time before the object.
 *
 * @returns the query, or the problem of the line
 */
export function readResolverLine(line: string): DnsQuery | { readonly problem: string } {
  let query: unknown;
  try {
    query = JSON.parse(line.slice(Math.max(0, line.indexOf('{'))));
  } catch {
    return { problem: 'the line is invalid: expected JSON of Route 53 Resolver, or the header #fields of Zeek' };
  }
  const { query_timestamp, query_name, srcaddr, vpc_id, answers } = (query ?? {}) as Record<string, unknown>;
  const isTime = typeof query_timestamp === 'string' && utcTime.test(query_timestamp);
  const time = isTime ? Math.floor(Date.parse(query_timestamp) / 1000) : Number.NaN;
  const host = typeof srcaddr === 'string' ? plainAddress(srcaddr) : undefined;
  if (typeof query_name !== 'string') return { problem: 'query_name is missing' };
  if (!isQueryTime(time))
    return { problem: 'query_timestamp is invalid, expected a time such as 2026-11-24T09:00:00Z' };
  if (host === undefined) return { problem: 'srcaddr is invalid, expected an address' };
  return {
    host,
    vpc: typeof vpc_id === 'string' ? vpc_id.slice(0, maxIdLength) : undefined,
    time,
    name: cleanName(query_name),
    addresses: Array.isArray(answers) ? answers.flatMap(addressOf) : [],
  };
}

function addressOf(answer: unknown): string[] {
  const { Rdata, Type } = (answer ?? {}) as Record<string, unknown>;
  const hasAddress = typeof Rdata === 'string' && typeof Type === 'string' && addressTypes.includes(Type.toUpperCase());
  const address = hasAddress ? plainAddress(Rdata) : undefined;
  return address === undefined ? [] : [address];
}

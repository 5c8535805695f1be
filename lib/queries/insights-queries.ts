import { defaultFormat, type Format, parseFormat } from '../../lambda/flow-log/format.ts';

/** A CloudWatch Logs Insights query for a log group with flow logs. The console asks for the time range. */
export interface InsightsQuery {
  readonly name: string;
  readonly query: string;
}

interface Template {
  readonly name: string;
  /** The fields that the query needs. */
  readonly needs: readonly string[];
  readonly commands: readonly string[];
}

const suspicious = ['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24'];
const internal = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'];

const templates: readonly Template[] = [
  {
    name: 'suspicious-ranges',
    needs: ['srcaddr', 'action'],
    commands: [
      `filter action = "REJECT" and (${within('srcaddr', suspicious)})`,
      'stats count(*) as rejects by srcaddr',
      'sort rejects desc',
    ],
  },
  {
    name: 'exfiltration',
    needs: ['srcaddr', 'dstaddr', 'bytes', 'action'],
    commands: [
      'filter action = "ACCEPT"',
      'stats sum(bytes) as total_bytes by srcaddr, dstaddr',
      'filter total_bytes > 100000000',
      'sort total_bytes desc',
    ],
  },
  {
    name: 'lateral-movement',
    needs: ['srcaddr', 'dstaddr', 'dstport', 'action'],
    commands: [
      `filter (${within('srcaddr', internal)}) and (${within('dstaddr', internal)})`,
      'stats count(*) as flows by srcaddr, dstaddr, dstport, action',
      'sort flows desc',
    ],
  },
  {
    name: 'failures',
    needs: ['srcaddr', 'dstaddr', 'dstport', 'action'],
    commands: [
      'filter action = "REJECT"',
      'stats count(*) as rejects by srcaddr, dstaddr, dstport',
      'filter rejects >= 20',
      'sort rejects desc',
    ],
  },
  {
    name: 'beacons',
    needs: ['srcaddr', 'dstaddr', 'dstport', 'bytes', 'start', 'end', 'action'],
    commands: [
      'filter action = "ACCEPT"',
      'stats max(end) - min(start) as lived_seconds, sum(bytes) as total_bytes by srcaddr, dstaddr, dstport',
      'filter lived_seconds >= 86400 and total_bytes < 10000000',
      'sort lived_seconds desc',
    ],
  },
  {
    name: 'rejected-against-accepted',
    needs: ['interface-id', 'dstaddr', 'dstport', 'action'],
    commands: [
      'stats sum(strcontains(action, "REJECT")) as rejected, sum(strcontains(action, "ACCEPT")) as accepted ' +
        'by interface_id, dstaddr, dstport',
      'filter rejected > 0 and accepted > 0',
      'sort rejected desc',
    ],
  },
];

/**
 * Returns the hunts of hunts/hunts.ts as queries for a log group, as far as its format has the fields. A flow that is
 * logged at both endpoints is counted twice.
 *
 * @param format in AWS's notation or as field names; default: AWS's default format
 * @returns an empty list if the format is invalid
 */
export function insightsQueries(format: string = defaultFormat): InsightsQuery[] {
  const parsed = parseFormat(format);
  if ('problem' in parsed) return [];
  return templates
    .filter(({ needs }) => needs.every((field) => parsed.indexOf.has(field)))
    .map(({ name, commands }) => ({ name, query: [parse(parsed), ...commands, 'limit 1000'].join('\n| ') }));
}

/** Returns the command that splits a line into fields: Insights knows only the fields of the default format. */
function parse({ keys }: Format): string {
  return `parse @message "${keys.map(() => '*').join(' ')}" as ${keys.join(', ')}`;
}

function within(field: string, networks: readonly string[]): string {
  return networks.map((network) => `isIpv4InSubnet(${field}, "${network}")`).join(' or ');
}

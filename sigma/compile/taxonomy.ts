import { fieldOfName } from '../../lambda/flow-log/field-names.ts';
import { fields } from '../../lambda/flow-log/fields.ts';
import { kindOf, regionFields } from '../../lambda/flow-log/region-fields.ts';

/** The names of Sigma's taxonomy and of firewall rules for fields of flow logs, with the flow log's names. */
const flowLogNames: ReadonlyMap<string, string> = new Map([
  ['src_ip', 'srcaddr'],
  ['dst_ip', 'dstaddr'],
  ['src_port', 'srcport'],
  ['dst_port', 'dstport'],
  ['ip_protocol', 'protocol'],
  ['proto', 'protocol'],
  ['blocked', 'action'],
  ['source.ip', 'srcaddr'],
  ['destination.ip', 'dstaddr'],
  ['source.port', 'srcport'],
  ['destination.port', 'dstport'],
  ['source.bytes', 'bytes'],
  ['source.packets', 'packets'],
  ['network.transport', 'protocol'],
  ['network.type', 'type'],
]);

/** The names of ECS for fields of regions (Elastic Common Schema, "Geo Fields", "Autonomous System Fields"). */
const regionNames: ReadonlyMap<string, string> = new Map([
  ['source.geo.country_iso_code', 'src_country'],
  ['destination.geo.country_iso_code', 'dst_country'],
  ['source.as.number', 'src_asn'],
  ['destination.as.number', 'dst_asn'],
]);

/** The reasons why flow records lack fields of firewall and connection logs. */
const absent: readonly (readonly [string, readonly string[]])[] = [
  ['a flow record does not name users', ['username', 'user', 'user_name', 'src_user', 'dst_user']],
  [
    'a flow record has endpoints and amounts, but no payload',
    ['url', 'uri', 'query', 'user_agent', 'method', 'filename', 'file_hash', 'message', 'signature', 'network.history'],
  ],
  [
    'a flow record has addresses, but no host names',
    ['domain', 'hostname', 'src_host', 'dst_host', 'src_hostname', 'dst_hostname', 'dns.question.name'],
  ],
  [
    'a flow record does not identify applications; use the port',
    ['app', 'application', 'app_name', 'service', 'network.protocol'],
  ],
  [
    'a flow record has the action, but not the rule or device that decided it',
    ['rule', 'rule_name', 'rule_id', 'policy', 'policy_id', 'device', 'device_name', 'dvc', 'severity'],
  ],
  ['a flow record has no hardware addresses', ['src_mac', 'dst_mac', 'mac']],
  ['use src_country or dst_country, which need a geo table', ['country', 'src_geo', 'dst_geo']],
  ['a flow record counts all bytes of its packets; use bytes', ['message_size', 'bytes_total']],
  [
    'a flow record describes one direction; the other direction has separate records',
    ['bytes_in', 'bytes_out', 'packets_in', 'packets_out', 'destination.bytes', 'destination.packets'],
  ],
  [
    'a flow record covers one or ten minutes of a connection; see tcp-flags, start and end',
    ['duration', 'session_duration', 'session_id', 'event.duration', 'network.state', 'network.community_id'],
  ],
  ['flow-direction has the direction: ingress or egress', ['direction']],
];

const reasons: ReadonlyMap<string, string> = new Map(
  absent.flatMap(([reason, names]) => names.map((name): [string, string] => [name, reason])),
);

/**
 * Resolves the name of a field to the flow log's name. Names of Sigma's firewall taxonomy (Sigma Taxonomy Appendix 2.1,
 * "Category Folder" and "Network category") mean the flow log's field with the same content. So do the names of CloudWatch
 * Logs Insights and of Athena, such as `srcAddr` and `account_id`.
 *
 * @returns the name, or the problem of a field that flow logs do not have
 */
export function fieldNamed(name: string): string | { readonly problem: string } {
  const field = knownField(name);
  if (field !== undefined) return field;
  const reason = reasons.get(name);
  const because = reason === undefined ? '' : `: ${reason}`;
  return { problem: `VPC Flow Logs have no field ${JSON.stringify(name)}${because}` };
}

function knownField(name: string): string | undefined {
  const known = flowLogNames.get(name) ?? regionNames.get(name);
  return known ?? (fields.has(name) || regionFields.has(name) ? name : fieldOfName(name));
}

/** Words for `action` in firewall logs and rules; a public rule writes 2 for an allowed flow. */
const actionWords: Record<'ACCEPT' | 'REJECT', readonly string[]> = {
  ACCEPT: 'accept accepted allow allowed forward forwarded pass passed permit permitted 2'.split(' '),
  REJECT: 'reject rejected deny denied drop dropped block blocked discard discarded'.split(' '),
};

/**
 * Common protocols (IANA, "Protocol Numbers"), in lower case. RDP is excluded: IANA's RDP is the Reliable Data Protocol,
 * not Remote Desktop.
 */
const protocols: Record<string, number> = {
  icmp: 1,
  igmp: 2,
  ipv4: 4,
  ipip: 4,
  tcp: 6,
  egp: 8,
  igp: 9,
  udp: 17,
  dccp: 33,
  ipv6: 41,
  rsvp: 46,
  gre: 47,
  esp: 50,
  ah: 51,
  icmpv6: 58,
  icmp6: 58,
  'ipv6-icmp': 58,
  eigrp: 88,
  ospf: 89,
  ospfigp: 89,
  pim: 103,
  vrrp: 112,
  l2tp: 115,
  sctp: 132,
  udplite: 136,
};

/** Returns the number of a common protocol by its name, such as `tcp` or `TCP`; undefined for any other text. */
export function protocolNumber(name: string): string | undefined {
  const known = name.toLowerCase();
  return Object.hasOwn(protocols, known) ? String(protocols[known]) : undefined;
}

/** A spelling of a value in a rule, and the value in the flow log. */
export type Spelling = readonly [written: string, value: string];

const spellings = (words: Record<string, readonly string[]>): Spelling[] =>
  Object.entries(words).flatMap(([value, written]) => written.map((word): Spelling => [word, value]));

const protocolSpellings: readonly Spelling[] = [
  ...Array.from({ length: 256 }, (_, number): Spelling => [String(number), String(number)]),
  ...Object.entries(protocols).flatMap(([name, number]): Spelling[] =>
    [name, name.toUpperCase()].map((written) => [written, String(number)]),
  ),
];

/**
 * Returns all spellings of the values of a field; undefined for a field with too many values to list.
 *
 * @param name the field's name as the rule writes it
 * @param isFirewall whether the rule is written for firewalls, which have many words for `action`
 */
export function spellingsOf(name: string, isFirewall: boolean): readonly Spelling[] | undefined {
  if (name === 'blocked') return spellings({ ACCEPT: ['false', '0', 'no'], REJECT: ['true', '1', 'yes'] });
  const field = knownField(name);
  if (field === 'protocol') return protocolSpellings;
  const kind = field === undefined ? undefined : kindOf(field);
  if (kind === undefined || typeof kind === 'string') return undefined;
  const values = kind.map((value): Spelling => [value, value]);
  return field === 'action' && isFirewall ? [...values, ...spellings(actionWords)] : values;
}

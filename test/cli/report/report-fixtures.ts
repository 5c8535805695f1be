import { geoTableBytes } from '../../../cli/geo/geo-table-bytes.ts';
import { readAwsRanges } from '../../../cli/geo/read-aws-ranges.ts';
import { readIp2Asn } from '../../../cli/geo/read-ip2asn.ts';
import type { ReportData } from '../../../cli/report/page/report-data.ts';
import { ReportCollector, type SentAlert } from '../../../cli/report/report-collector.ts';
import type { PairCounter } from '../../../cli/statistics/pair-counter.ts';
import type { AddressSources } from '../../../lambda/alert/address-sources.ts';
import { writeAlert, writeDigest } from '../../../lambda/alert/alert.ts';
import { resolutionMultiple } from '../../../lambda/counters/alert-record.ts';
import { readGeoTable } from '../../../lambda/geo/read-geo-table.ts';
import { readAddresses } from '../../../lambda/names/describe-answers.ts';
import { NameTable } from '../../../lambda/names/name-table.ts';
import { loadRules } from '../../../lambda/rules/load.ts';
import { defaultRulesDirectory } from '../../../sigma/default-rules.ts';
import { readExampleDirectory } from '../../../sigma/examples/example-directory.ts';
import { tryExamples } from '../../../sigma/examples/try-example.ts';
import { compileRuleDirectory } from '../../../sigma/rule-directory.ts';
import { described } from '../../support/describe-answers.ts';
import { findingsOf } from '../../support/findings.ts';
import { directed, epoch, flowOf, lakeRowOf } from '../../support/flows.ts';
import { defaultRules, rulesOf, ruleText } from '../../support/rules.ts';

/** Reports for the tests of the page. */

/** What breaks pages that take text for markup, templates or one line. */
export const hostileTexts = [
  '<img/src=x/onerror=window.hacked=1>',
  '</script><script>window.hacked=1</script>',
  '{a|b}{value}{b}\\n%s',
  '\u202egnp.exe\u2066\u200f',
  '"\'`--><svg/onload=window.hacked=1>\u2028javascript:window.hacked=1',
  `${'long'.repeat(500)}\u0000\u001b[31m`,
];

/** What each rule sends of the examples that alert, as evaluated. */
export async function alertsOfAllRules(): Promise<SentAlert[]> {
  const ruleSet = compileRuleDirectory();
  const sent: SentAlert[] = [];
  for (const { rule, examples = [] } of readExampleDirectory(defaultRulesDirectory, ruleSet)) {
    const alerting = examples.filter(({ expects }) => expects === 'alerts');
    for (const { published } of await tryExamples(rule, ruleSet, alerting)) sent.push(...published);
  }
  return sent;
}

/** The first of each rule. */
export function fewAlerts(alerts: readonly SentAlert[]): SentAlert[] {
  const ruleOf = ({ body }: SentAlert) => /"rule":"(\w+)"/.exec(body as string)?.[1];
  return [...Map.groupBy(alerts, ruleOf).values()].map(([first]) => first!);
}

/** One alert that stands for thirty, and the note of its end. */
export async function digestAlerts(): Promise<SentAlert[]> {
  const flows = Array.from({ length: 30 }, (_, n) =>
    flowOf({ srcaddr: `10.0.3.${n}`, dstaddr: '198.51.100.3', bytes: 2e9 }),
  );
  const findings = (await findingsOf(flows, defaultRules)).filter(({ rule }) => rule.name === 'data_exfiltration');
  const ended = findings.map((finding) => ({
    ...finding,
    record: { ...finding.record, multiple: resolutionMultiple },
  }));
  const context = { account: '123456789012', region: 'us-east-1' };
  return [writeDigest(findings, context), writeDigest(ended, context), writeAlert(ended[0]!, context)];
}

/** Real alerts again and again, each time of another host and at another time. */
export function manyAlerts(alerts: readonly SentAlert[], count: number): SentAlert[] {
  return Array.from({ length: count }, (_, n) => {
    const { subject, text, body } = alerts[n % alerts.length]!;
    const own = (said: string) => said.replace(/\b10\.(\d+)\.(\d+)\.\d+\b/g, `10.$1.$2.${n % 250}`);
    const later = (n * 61) % 86_400;
    const moved = (body as string)
      .replace(/("(?:from|to)":)(\d+)/g, (_all, name, at) => `${name}${Number(at) + later}`)
      .replace(/("time":)(\d+)/g, (_all, name, at) => `${name}${Number(at) + 1000 * later}`);
    return { subject: own(subject), text: own(text), body: own(moved) };
  });
}

/** A report of flows over two hours with these alerts. @param addressSources also add the flows of the pairs */
export function reportOf(
  alerts: readonly SentAlert[],
  pairs: readonly PairCounter[] = somePairs,
  addressSources?: AddressSources,
): ReportData {
  const options = { withHosts: true, addressSources };
  const collector = new ReportCollector(loadRules(compileRuleDirectory()), undefined, options);
  for (const { src, dst, bytes } of addressSources ? pairs : []) {
    collector.delivered(
      lakeRowOf({ kind: 'flow', flow: flowOf({ srcaddr: src, dstaddr: dst, bytes: String(bytes) }) }, []),
    );
  }
  for (let minute = 0; minute < 120; minute += 1) {
    const values = { bytes: 1000 * (minute % 7), end: epoch + minute * 60, start: epoch + minute * 60 };
    for (const action of minute % 5 === 0 ? ['ACCEPT', 'REJECT'] : ['ACCEPT']) {
      collector.delivered(lakeRowOf({ kind: 'flow', flow: flowOf({ ...values, action }) }, []));
    }
  }
  collector.delivered(lakeRowOf({ kind: 'flow', flow: flowOf({ bytes: '9223372036854775807' }) }, []));
  collector.delivered(
    lakeRowOf({ kind: 'unreadable', text: '2 123 x', reason: 'the line has 3 fields, expected 14' }, []),
  );
  for (const alert of alerts) collector.alert(alert);
  const sources = [
    { name: 'logs/one.log.gz', kind: 'flow log file', records: 241 },
    { name: 'logs/two.log.gz', kind: 'flow log file', records: 0, problem: 'it ends in the middle of a gzip member' },
  ];
  return collector.finish({ command: 'flow-sentinel replay logs/', hunt: { words: ['logs/'] }, sources, pairs });
}

/** The day before the flows, in epoch seconds. */
export const regionsTime = epoch - (epoch % 86_400) - 86_400;

const regionLines = [
  '198.51.100.0\t198.51.100.63\t64496\tDE\tMADE-UP-HOSTING Example Hosting GmbH',
  '198.51.100.64\t198.51.100.71\t64497\tDE\tMADE-UP-ISP Example of a provider of access',
  '198.51.100.72\t198.51.100.127\t64511\tUS\tMADE-UP-AWS Example of a cloud provider',
];
const awsRanges = {
  syncToken: '1',
  createDate: '2026-11-20-00-00-00',
  prefixes: [{ ip_prefix: '198.51.100.96/27', region: 'eu-west-1', service: 'S3', network_border_group: 'eu-west-1' }],
  ipv6_prefixes: [],
};

/** Made-up places of the destinations of somePairs: two countries, an AWS Region, and some that are not known. */
export function madeUpRegions(lines: readonly string[] = regionLines): Required<AddressSources>['regions'] {
  const { networks, operatorNames } = readIp2Asn(`${lines.join('\n')}\n`, 'ip2asn.tsv');
  const aws = readAwsRanges(JSON.stringify(awsRanges), 'ip-ranges.json').ranges;
  return readGeoTable(geoTableBytes({ dataTime: regionsTime, sources: ['made up'], networks, operatorNames, aws }));
}

/** Made-up names of some hosts of somePairs. @param name the tag `Name` of the first */
export function madeUpNames(name = 'orders-db'): NameTable {
  const instance = (id: number, address: string, tags: object[], attached: string) =>
    described({
      NetworkInterfaceId: `eni-0${id}`,
      PrivateIpAddress: address,
      PrivateIpAddresses: [{ PrivateIpAddress: address, Primary: true }],
      Attachment: { InstanceId: `i-0${id}`, AttachTime: attached },
      TagSet: tags,
    });
  const answer = {
    NetworkInterfaces: [
      instance(
        1,
        '10.0.1.5',
        [
          { Key: 'Name', Value: name },
          { Key: 'Owner', Value: 'payments' },
        ],
        '2026-11-01T00:00:00Z',
      ),
      instance(2, '10.0.2.7', [{ Key: 'Name', Value: 'web-1' }], '2026-11-24T10:00:00Z'),
      instance(3, '10.0.2.2', [], '2026-11-01T00:00:00Z'),
    ],
  };
  return new NameTable(readAddresses(answer, new Map(), epoch));
}

/** Pairs around the hosts of examples, one of them with more bytes than a number holds. */
export const somePairs: readonly PairCounter[] = [
  pairOf('10.0.1.5', '10.0.2.7', 9_223_372_036_854_775_807n, 24),
  ...Array.from({ length: 150 }, (_, n) => pairOf(`10.0.${n % 4}.${n}`, `198.51.100.${n}`, 1_000_003 * n, n % 3)),
  pairOf('2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff', '2001:db8:1111:2222:3333:4444:5555:6666', 5_000_000, 0),
];

function pairOf(src: string, dst: string, bytes: PairCounter['bytes'], rejects: number): PairCounter {
  return { src, dst, bytes, rejects, firstSeen: epoch, lastSeen: epoch + 3600 };
}

/** A report of flows whose text is hostile, as far as the function lets such text through. */
export async function hostileFlowsReport(): Promise<ReportData> {
  const alerts: SentAlert[] = [];
  for (const text of hostileTexts) {
    const noSpace = text.replace(/\s/g, '_');
    const gap = { 'interface-id': noSpace, 'account-id': noSpace, 'log-status': 'SKIPDATA', action: '-' };
    const sent = flowOf({ 'interface-id': noSpace, bytes: 2e9, dstaddr: '198.51.100.3' }, directed);
    for (const finding of await findingsOf([flowOf(gap), sent], defaultRules)) {
      alerts.push(writeAlert(finding, { account: undefined, region: undefined }));
    }
  }
  const values = hostileTexts.map((text) => flowOf({ 'interface-id': text.replace(/\s/g, '_') }));
  const counting = 'type: value_count, group-by: [srcaddr], timespan: 1h, condition: {gte: 6, field: interface-id}';
  for (const finding of await findingsOf(values, rulesOf(ruleText('{action: ACCEPT}', counting)))) {
    alerts.push(writeAlert(finding, { account: undefined, region: undefined }));
  }
  const data = reportOf(alerts);
  const reasons = hostileTexts.map((text) => ({ reason: text, lines: 1, example: text }));
  const sources = hostileTexts.map((text) => ({ name: text, kind: text, records: 1, problem: text }));
  return { ...data, sources, command: hostileTexts.join(' '), records: { ...data.records, reasons } };
}

/** The report with hostile text in the place of every text. */
export function withHostileTexts<T>(data: T): T {
  let next = 0;
  const hostile = (value: unknown): unknown => {
    if (typeof value === 'string') return hostileTexts[next++ % hostileTexts.length];
    if (Array.isArray(value)) return value.map(hostile);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, hostile(one)]));
  };
  return hostile(data) as T;
}

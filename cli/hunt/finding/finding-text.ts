import { shellQuote } from '../../../lambda/alert/shell-quote.ts';
import { shortRegion } from '../../../lambda/alert/where-text.ts';
import { shortName } from '../../../lambda/alert/who-text.ts';
import { byteSize, duration, formatInteger, utc } from '../../../lambda/common/format-units.ts';
import { enumerated, printable, truncate } from '../../../lambda/common/text.ts';
import type { GuardDutyFinding } from '../../../lambda/context/context-event.ts';
import type { RegionSource } from '../../../lambda/geo/geo-table.ts';
import type { NameSource } from '../../../lambda/names/known-interface.ts';
import type { FlowRange } from '../../statistics/flow-times.ts';
import { heading } from '../../terminal/text-table.ts';
import type { FindingAnswer, OtherHostAnswer, PairAnswer, SentAnswer } from './answer-finding.ts';

/** What says who has addresses, and where they lead; each default: unknown. */
export interface AnswerSources {
  readonly names?: NameSource | undefined;
  readonly regions?: Pick<RegionSource, 'lookup'> | undefined;
}

/** The most pairs, addresses or hosts in one part of the text; the JSON document has all. */
const maxShown = 10;

/** The most characters of a name, which anyone in the account writes. */
const maxNameLength = 64;

/**
 * Writes what flow logs say about a finding: a headline and a line for each fact, all printable.
 *
 * @param range the time of the logs; undefined without flows
 * @param words the words of a command that reads the same logs
 */
export function findingAnswerText(
  answer: FindingAnswer,
  range: FlowRange | undefined,
  sources: AnswerSources,
  words: readonly string[],
): string {
  const { finding, hosts, hostsLeftOut } = answer;
  const { level, type, id, title, first, last, count, remotes, isIndependent, isArchived } = finding;
  const where = remotes.length === 0 ? '' : ` -> ${shortList(remotes, (address) => placeText(address, sources))}`;
  const lines = [
    title,
    [
      `GuardDuty ${id}`,
      `${formatInteger(count)} ${count === 1 ? 'time' : 'times'}`,
      first === last ? utc(last) : `${utc(first)} to ${utc(last)}`,
      isIndependent ? 'from other data than flow logs' : 'from flow logs',
      ...(isArchived ? ['archived'] : []),
    ].join(', '),
    ...pairLines(answer, range),
    ...sentLines(answer, sources),
    ...othersLines(answer, sources),
    ...(hostsLeftOut > 0
      ? [`Only the first ${hosts.length} addresses of hosts were asked for: ${hostsLeftOut} are left out`]
      : []),
    ...nextLines(answer, words),
  ];
  const head = `${level.toUpperCase()} ${type} on ${hostsText(answer, sources)}${where}`;
  return [heading(printable(head)), ...lines.map((line) => `  ${printable(line)}`), ''].join('\n');
}

function hostsText({ finding, hosts }: FindingAnswer, { names }: AnswerSources): string {
  if (hosts.length > 0) return shortList(hosts, (address) => named(address, finding, names));
  const ids = finding.hosts.flatMap(({ interface: id, instance }) => id ?? instance ?? []);
  return ids.length > 0 ? shortList(ids, (id) => id) : 'no host';
}

/** Returns an address with who has it: `10.0.3.30 (orders-db)`. Without names, with what the finding says. */
function named(address: string, { hosts }: GuardDutyFinding, names: NameSource | undefined): string {
  const host = hosts.find(({ addresses }) => addresses.includes(address));
  const own = host?.interface === undefined ? [] : [host.interface];
  const vpcs = host?.vpc === undefined ? [] : [host.vpc];
  const known = names?.addressOf(address, { own, interfaces: own, vpcs });
  const text = known && !known.isShared ? shortName(known) : (host?.name ?? host?.instance);
  return text === undefined ? address : `${address} (${truncate(text, maxNameLength)})`;
}

function placeText(address: string, { regions }: AnswerSources): string {
  const region = regions?.lookup(address);
  const text = region && shortRegion({ address, ...region });
  return text ? `${address} (${truncate(text, maxNameLength)})` : address;
}

function pairLines({ finding, hosts, pairs, unseen }: FindingAnswer, range: FlowRange | undefined): string[] {
  if (hosts.length === 0) {
    return [
      finding.hosts.length === 0
        ? 'The finding names no network interface: flow logs cannot answer it'
        : 'The finding names no address of its host: give --names',
    ];
  }
  if (!range) return ['The logs have no flow with a time'];
  const logs = `${utc(range.from)} to ${utc(range.to)}`;
  const more = pairs.length - maxShown;
  return [
    ...pairs.slice(0, maxShown).map((pair) => pairLine(pair, range)),
    ...(more > 0 ? [`${formatInteger(more)} more pairs with less data: --json has all`] : []),
    ...(unseen.length > 0
      ? [
          `With ${shortList(unseen, (address) => address)}: no flow record of this pair: not logged here, skipped, or not in the time of these logs, ${logs}`,
        ]
      : []),
    ...(finding.last > range.to ? [`The logs end ${utc(range.to)}, before the last time of the finding`] : []),
  ];
}

function pairLine(pair: PairAnswer, { to }: FlowRange): string {
  const { host, remote, bytesOut, bytesIn, recordsOut, recordsIn, rejects, ports, first, last, isGoingOn } = pair;
  const records = (count: number) => `${formatInteger(count)} ${count === 1 ? 'record' : 'records'}`;
  return [
    `${host} and ${remote}: sent ${byteSize(bytesOut)} in ${records(recordsOut)}`,
    `received ${byteSize(bytesIn)} in ${records(recordsIn)}`,
    ...(rejects > 0 ? [`${formatInteger(rejects)} rejected`] : []),
    ...(ports === '' ? [] : [`${ports.includes(',') ? 'ports' : 'port'} ${ports}`]),
    `${utc(first)} to ${utc(last)}`,
    isGoingOn
      ? 'still going on at the end of the logs'
      : `the last one ${timeText(to - last)} before the end of the logs`,
    ...(pair.gateway === undefined ? [] : [`through the NAT gateway at ${pair.gateway}`]),
  ].join(', ');
}

/** Formats a time from a minute: `12 min`, `3 h`. */
function timeText(seconds: number): string {
  return seconds < 7200 ? duration(Math.round(seconds / 60) * 60) : duration(Math.round(seconds / 3600) * 3600);
}

function sentLines({ finding, sent }: FindingAnswer, sources: AnswerSources): string[] {
  if (!sent) return [];
  const { from, to, bytes, targets } = sent;
  const time = finding.remotes.length > 0 ? `in the 24 h to ${utc(to)}` : `from ${utc(from)} to ${utc(to)}`;
  if (targets === 0) return [`Sent nothing to outside addresses ${time}`];
  const summary = `Sent ${byteSize(bytes)} to ${addressesText(targets)} outside ${time}; ${newText(sent)}`;
  if (finding.remotes.length > 0) return [summary];
  const top = sent.top.map(
    ({ address, bytes: own, isNew }) =>
      `${placeText(address, sources)} ${byteSize(own)}${isNew && sent.hasBefore ? ', new' : ''}`,
  );
  return [summary, `Most to: ${top.join('; ')}`];
}

function newText({ from, hasBefore, newBytes, newTargets }: SentAnswer): string {
  if (!hasBefore) return `the logs have no time before ${utc(from)}, so what is new is not known`;
  if (newTargets === 0) return 'it had all of them before';
  return `${byteSize(newBytes)} of it to ${addressesText(newTargets)} that it never had before in these logs`;
}

function addressesText(count: number): string {
  return `${formatInteger(count)} ${count === 1 ? 'address' : 'addresses'}`;
}

function othersLines({ finding, hosts, pairs, others, otherCount }: FindingAnswer, { names }: AnswerSources): string[] {
  if (finding.remotes.length === 0 || hosts.length === 0) return [];
  const where = finding.remotes.length === 1 ? 'this address' : 'these addresses';
  if (otherCount === 0) return pairs.length > 0 ? [`No other inside host has ${where}`] : [];
  const text = ({ host, bytesOut, bytesIn, records, rejects }: OtherHostAnswer) => {
    const known = names?.addressOf(host, { own: [], interfaces: [], vpcs: [] });
    const name = known && !known.isShared ? ` (${truncate(shortName(known), maxNameLength)})` : '';
    return records === 0
      ? `${host}${name} ${formatInteger(rejects)} rejected`
      : `${host}${name} sent ${byteSize(bytesOut)}, received ${byteSize(bytesIn)}`;
  };
  const verb = otherCount === 1 ? 'host has' : 'hosts have';
  const more = otherCount - others.length;
  return [
    `${formatInteger(otherCount)} other inside ${verb} ${where}: ${others.map(text).join('; ')}${more > 0 ? `; ${formatInteger(more)} more` : ''}`,
  ];
}

function nextLines({ hosts, pairs }: FindingAnswer, words: readonly string[]): string[] {
  const [host] = hosts;
  if (host === undefined) return [];
  const [pair] = pairs;
  const asked = pair ? ['pair', pair.host, pair.remote] : ['host', host];
  return [`Next: npx flow-sentinel hunt ${[...asked, ...words].map(shellQuote).join(' ')}`];
}

/** Joins the first three items in a sentence, and counts the others. */
function shortList(items: readonly string[], text: (item: string) => string): string {
  const shown = items.slice(0, 3).map(text);
  return enumerated(items.length > 3 ? [...shown, `${formatInteger(items.length - 3)} more`] : shown);
}

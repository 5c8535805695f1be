import type { Quantity } from '../../../lambda/common/quantity.ts';
import { isoTime } from '../../terminal/utc-time.ts';
import type { PlainRows, PlainValue, ResultColumn } from '../result-value.ts';
import type { FindingAnswer } from './answer-finding.ts';

/** Returns an answer as JSON: names in snake case and times in ISO 8601, as the rows of other hunts. */
export function findingJson(answer: FindingAnswer): { readonly [name: string]: PlainValue } {
  const { finding, hosts, hostsLeftOut, pairs, unseen, sent, others, otherCount } = answer;
  const { id, type, level, severity, account, region, title, first, last, count, remotes } = finding;
  return {
    ...{ id, type, level, severity, account, region, title, count },
    first_seen: isoTime(first),
    last_seen: isoTime(last),
    is_independent: finding.isIndependent,
    is_archived: finding.isArchived,
    hosts,
    hosts_left_out: hostsLeftOut,
    remotes,
    pairs: pairs.map((pair) => Object.fromEntries(pairValues(pair))),
    remotes_without_flows: unseen,
    sent: sent
      ? {
          ...{ from: isoTime(sent.from), to: isoTime(sent.to), bytes: sent.bytes, targets: sent.targets },
          ...{ new_bytes: sent.newBytes, new_targets: sent.newTargets, has_flows_before: sent.hasBefore },
          top: sent.top.map(({ address, bytes, records, isNew }) => ({ address, bytes, records, is_new: isNew })),
        }
      : null,
    other_hosts: others.map((other) => ({
      ...{ host: other.host, bytes_out: other.bytesOut, bytes_in: other.bytesIn, records: other.records },
      ...{ rejects: other.rejects, last_seen: isoTime(other.last) },
    })),
    other_host_count: otherCount,
  };
}

/**
 * Returns the rows of answers for CSV: one for each pair, also for those without a flow record. Of a finding without a
 * remote address, one for each outside address to which its host sent the most.
 */
export function findingRows(answers: readonly FindingAnswer[]): PlainRows {
  const rows = answers.flatMap(({ finding, hosts, pairs, unseen, sent }) => {
    const head = [finding.id, finding.type, finding.level];
    const host = hosts[0] ?? null;
    const top = finding.remotes.length === 0 ? (sent?.top ?? []) : [];
    const noTimes = restColumns.map(() => null);
    return [
      ...pairs.map((pair) => [...head, ...pairValues(pair).map(([, value]) => value)]),
      ...unseen.map((remote) => [...head, host, remote, 0, 0, 0, 0, 0, ...noTimes]),
      ...top.map(({ address, bytes, records }) => [
        ...head,
        host,
        address,
        bytes,
        null,
        records,
        null,
        null,
        ...noTimes,
      ]),
    ];
  });
  async function* chunks() {
    yield rows;
  }
  return { columns, chunks: chunks(), rest: async () => 0 };
}

const numberColumns = ['bytes_out', 'bytes_in', 'records_out', 'records_in', 'rejects'];
const restColumns = ['ports', 'first_seen', 'last_seen', 'is_going_on', 'also_seen_at'];

const columns: readonly ResultColumn[] = [
  ...['finding_id', 'type', 'level', 'host', 'remote'].map((name) => ({ name, isNumber: false })),
  ...numberColumns.map((name) => ({ name, isNumber: true })),
  ...restColumns.map((name) => ({ name, isNumber: false })),
];

function pairValues(pair: FindingAnswer['pairs'][number]): [name: string, value: string | Quantity | boolean | null][] {
  return [
    ['host', pair.host],
    ['remote', pair.remote],
    ['bytes_out', pair.bytesOut],
    ['bytes_in', pair.bytesIn],
    ['records_out', pair.recordsOut],
    ['records_in', pair.recordsIn],
    ['rejects', pair.rejects],
    ['ports', pair.ports],
    ['first_seen', isoTime(pair.first)],
    ['last_seen', isoTime(pair.last)],
    ['is_going_on', pair.isGoingOn],
    ['also_seen_at', pair.gateway ?? null],
  ];
}

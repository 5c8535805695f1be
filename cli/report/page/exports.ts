import { writeQuantities } from '../../../lambda/common/quantity.ts';
import { groupName } from '../../../lambda/common/text.ts';
import { type PairCounter, pairJson } from '../../statistics/pair-counter.ts';
import { isoTime } from '../../terminal/utc-time.ts';
import type { ShownAlert } from './shown-alert.ts';
import { tableCsv } from './table-csv.ts';

const alertColumns = [
  'window_end',
  'level',
  'rule',
  'kind',
  'alerts',
  'key',
  'srcaddr',
  'dstaddr',
  'value',
  'value_is_lower_bound',
  'threshold',
  'window_start',
  'account',
  'region',
  'id',
  'headline',
];

/** Writes alerts as CSV, one row for each e-mail. The column `alerts` has the number of alerts in it. */
export function alertsCsv(alerts: readonly ShownAlert[]): string {
  return tableCsv(
    alertColumns,
    alerts.map(({ alert: { body }, at, count, headline }) => {
      const { level, rule, ended, digest, key, value, valueIsLowerBound, threshold, window, account, region, id } =
        body;
      const kind = ended ? 'resolution' : digest ? 'digest' : 'alert';
      return [
        ...[isoTime(at), level, rule, kind, count, groupName(key), key.srcaddr ?? '', key.dstaddr ?? ''],
        ...[value, String(valueIsLowerBound), threshold, isoTime(window.from)],
        ...[account ?? '', region ?? '', id, headline],
      ];
    }),
  );
}

/** Writes the JSON bodies of alerts, as a queue receives these, as one JSON array. */
export function alertsJson(alerts: readonly ShownAlert[]): string {
  return jsonArray(alerts.map(({ alert: { body } }) => JSON.stringify(body, writeQuantities)));
}

/** Writes pairs as CSV, with the account and the VPC of their scope if they have one. */
export function pairsCsv(pairs: readonly PairCounter[]): string {
  const hasScope = pairs.some(({ scope }) => scope);
  return tableCsv(
    ['src', 'dst', 'bytes', 'rejects', 'first_seen', 'last_seen', ...(hasScope ? ['account_id', 'vpc_id'] : [])],
    pairs.map(({ src, dst, scope, bytes, rejects, firstSeen, lastSeen }) => {
      const ofScope = hasScope ? [scope?.['account-id'] ?? '', scope?.['vpc-id'] ?? ''] : [];
      return [src, dst, bytes, rejects, isoTime(firstSeen), isoTime(lastSeen), ...ofScope];
    }),
  );
}

/** Writes pairs as one JSON array; times are epoch seconds. */
export function pairsJson(pairs: readonly PairCounter[]): string {
  return jsonArray(pairs.map(pairJson));
}

function jsonArray(items: readonly string[]): string {
  return items.length === 0 ? '[]\n' : `[\n${items.join(',\n')}\n]\n`;
}

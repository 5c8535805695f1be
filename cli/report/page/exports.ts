import { shortName } from '../../../lambda/alert/who-text.ts';
import { writeQuantities } from '../../../lambda/common/quantity.ts';
import { groupName } from '../../../lambda/common/text.ts';
import { type PairCounter, pairJson } from '../../statistics/pair-counter.ts';
import { isoTime } from '../../terminal/utc-time.ts';
import { alertsIn } from './alert-counts.ts';
import type { KnownAddresses } from './known-addresses.ts';
import type { AddressFacts } from './report-data.ts';
import { headlineOf, messagesOf, type ShownAlert } from './shown-alert.ts';
import { type CsvValue, tableCsv } from './table-csv.ts';

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

/**
 * Writes alerts as CSV, one row for each e-mail: an update follows its alert. The column `alerts` has the number of alerts in it. The last columns have
 * who has the addresses, and where they lead, if the report has a source of that.
 */
export function alertsCsv(alerts: readonly ShownAlert[], known: KnownAddresses): string {
  const facts = factColumns(known);
  return tableCsv(
    [...alertColumns, ...facts.headings('srcaddr'), ...facts.headings('dstaddr')],
    messagesOf(alerts).map((message) => {
      const { body } = message;
      const {
        level,
        rule,
        ended,
        digest,
        update,
        key,
        value,
        valueIsLowerBound,
        threshold,
        window,
        account,
        region,
        id,
      } = body;
      const kind = ended ? 'resolution' : update ? 'update' : digest ? 'digest' : 'alert';
      const factsOf = (address: string) => {
        // The flows of the alert decide between interfaces with the same address.
        const who = body.names.interfaces?.find((one) => one.address === address);
        return facts.values({ ...known.factsOf(address), ...(who && { who }) });
      };
      return [
        ...[
          isoTime(window.to),
          level,
          rule,
          kind,
          alertsIn(body),
          groupName(key),
          key.srcaddr ?? '',
          key.dstaddr ?? '',
        ],
        ...[value, String(valueIsLowerBound), threshold, isoTime(window.from)],
        ...[account ?? '', region ?? '', id, headlineOf(message)],
        ...[key.srcaddr ?? '', key.dstaddr ?? ''].flatMap(factsOf),
      ];
    }),
  );
}

/** Writes the JSON bodies of alerts, as a queue receives these, as one JSON array. */
export function alertsJson(alerts: readonly ShownAlert[]): string {
  return jsonArray(messagesOf(alerts).map(({ body }) => JSON.stringify(body, writeQuantities)));
}

/**
 * Writes pairs as CSV, with the account and the VPC of their scope if they have one. The last columns have who has the
 * addresses, and where they lead, if the report has a source of that.
 */
export function pairsCsv(pairs: readonly PairCounter[], known: KnownAddresses): string {
  const facts = factColumns(known);
  const hasScope = pairs.some(({ scope }) => scope);
  return tableCsv(
    [
      ...['src', 'dst', 'bytes', 'rejects', 'first_seen', 'last_seen', ...(hasScope ? ['account_id', 'vpc_id'] : [])],
      ...[...facts.headings('src'), ...facts.headings('dst')],
    ],
    pairs.map(({ src, dst, scope, bytes, rejects, firstSeen, lastSeen }) => {
      const ofScope = hasScope ? [scope?.['account-id'] ?? '', scope?.['vpc-id'] ?? ''] : [];
      const ofAddresses = [src, dst].flatMap((address) => facts.values(known.factsOf(address)));
      return [src, dst, bytes, rejects, isoTime(firstSeen), isoTime(lastSeen), ...ofScope, ...ofAddresses];
    }),
  );
}

/** Returns the columns about an address: none without a source. */
function factColumns({ hasNames, hasRegions }: KnownAddresses) {
  const fields = [
    ...(hasNames ? ['name', 'owner'] : []),
    ...(hasRegions ? ['country', 'asn', 'operator', 'aws_region'] : []),
  ];
  return {
    headings: (end: string) => fields.map((field) => `${end}_${field}`),
    values: ({ who, region }: Pick<AddressFacts, 'who' | 'region'>): CsvValue[] => [
      ...(hasNames ? (who && !who.isShared ? [shortName(who), who.owner ?? ''] : ['', '']) : []),
      ...(hasRegions ? [region?.country ?? '', region?.asn ?? '', region?.asName ?? '', region?.awsRegion ?? ''] : []),
    ],
  };
}

/** Writes pairs as one JSON array; times are epoch seconds. */
export function pairsJson(pairs: readonly PairCounter[]): string {
  return jsonArray(pairs.map(pairJson));
}

function jsonArray(items: readonly string[]): string {
  return items.length === 0 ? '[]\n' : `[\n${items.join(',\n')}\n]\n`;
}

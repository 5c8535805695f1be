import type { Rule, RuleSet } from '../../lambda/rules/model.ts';
import type { Bill } from './bill.ts';
import type { Traffic } from './measured-traffic.ts';
import { type PriceList, type PriceName, priced } from './price-list.ts';
import { daysPerMonth, gigabyte, hoursPerMonth } from './units.ts';
import type { Usage } from './usage.ts';

/** Another service that analyses flow logs, and its bill of a month for the same records. */
export interface Alternative {
  readonly service: string;
  /** The bytes of a record that the service bills or reads, uncompressed. */
  readonly bytesPerRecord: number;
  readonly lines: readonly AlternativeLine[];
  readonly usd: number;
  /** A public source confirms the price of each line. */
  readonly verified: boolean;
  /** What the service does beyond flow-sentinel, and what it does not do. */
  readonly more: string;
  readonly less: string;
}

/** A line of the bill of an alternative. */
export interface AlternativeLine {
  readonly item: string;
  readonly quantity: number;
  readonly unit: string;
  readonly usd: number;
  readonly verified: boolean;
}

/** The bytes of JSON around a line, which only Firehose gets. */
const wrapperBytes = '{"message":""}'.length;

/** Athena bills a query for at least 10 MB (Athena pricing). */
const minQueryBytes = 10 * 2 ** 20;
const terabyte = 1024 * gigabyte;

/** A scheduled query runs four times in the timespan of its rule, and at most every 15 minutes. */
const queriesPerTimespan = 4;
const minQuerySeconds = 900;

/** The two contributors that flow-sentinel counts without any rule: bytes by pair, and rejects by pair. */
const insightRules = 2;

/** Computes what other services bill for the same records, from the same prices. */
export function alternativesOf(
  usage: Usage,
  traffic: Traffic,
  bill: Bill,
  { rules }: Pick<RuleSet, 'rules'>,
  { prices }: PriceList,
): Alternative[] {
  const records = usage.recordsPerDay * daysPerMonth;
  const line = (item: string, name: PriceName, quantity: number): AlternativeLine => {
    const { unit, verified } = prices[name];
    return { item, quantity, unit, usd: priced(prices[name], quantity), verified };
  };
  const [defaultLine, deployedLine] = [traffic.defaultFormatBytes - wrapperBytes, traffic.payloadBytes - wrapperBytes];
  const gigabytes = (bytesPerRecord: number) => (records * bytesPerRecord) / gigabyte;
  const alternative = (
    service: string,
    bytesPerRecord: number,
    lines: AlternativeLine[],
    more: string,
    less: string,
  ): Alternative => ({
    service,
    bytesPerRecord,
    lines,
    usd: lines.reduce((sum, { usd }) => sum + usd, 0),
    verified: lines.every(({ verified }) => verified),
    more,
    less,
  });
  return [
    alternative(
      'GuardDuty, analysis of flow logs',
      defaultLine,
      [line('VPC Flow Log analysis', 'guardDutyFlowLogs', gigabytes(defaultLine))],
      "AWS's threat lists, models of usual behaviour, DNS queries for the same price a GB; nothing to deploy, and no flow log to publish",
      'own rules, thresholds and windows; counts of a pair; records for queries. Further findings of one kind come as updates, after minutes to hours. Its CloudTrail analysis is billed too ($4 a million events)',
    ),
    alternative(
      'Athena on a schedule',
      deployedLine,
      [
        line('delivery to S3', 'vendedLogsToS3', gigabytes(deployedLine)),
        ...lakeLines(bill),
        line('queries', 'athenaScanned', scannedTerabytes(usage, traffic, rules)),
      ],
      'any SQL over all records, and long windows without stored state',
      'alerts within minutes (files come after five to ten minutes, then the next query); suppression, escalation and one alert an episode. The queries and their schedule are yours to write and to operate',
    ),
    alternative(
      'CloudWatch Contributor Insights',
      deployedLine,
      [
        ...(usage.wayIn === 'log-group'
          ? []
          : [line('ingestion into CloudWatch Logs', 'vendedLogsToCloudWatch', gigabytes(deployedLine))]),
        line('rules', 'contributorInsightsRules', insightRules),
        line('matched log events', 'contributorInsightsEvents', records),
      ],
      'graphs of the top contributors within a minute, and Logs Insights queries of the log group',
      'an alarm for each contributor (an alarm reads the largest one or their sum); distinct counts; lists of networks; a lake. Two rules only: bytes by pair, rejects by pair',
    ),
  ];
}

/** Stored records cost as much as in the lake of the bill. */
function lakeLines({ lines }: Bill): AlternativeLine[] {
  return lines
    .filter(({ service }) => service === 'S3')
    .map(({ item, quantity, unit, usd, verified }) => ({ item, quantity, unit, usd, verified }));
}

/** Returns the terabytes that a query for each rule reads in a month, in compressed lines, partitioned by hour. */
function scannedTerabytes({ recordsPerDay }: Usage, traffic: Traffic, rules: readonly Rule[]): number {
  const bytesPerSecond = (recordsPerDay * traffic.subscriptionBytes) / 86_400;
  const bytes = rules.reduce((sum, { timespanSeconds }) => {
    const interval = Math.max(minQuerySeconds, timespanSeconds / queriesPerTimespan);
    const queries = (hoursPerMonth * 3600) / interval;
    return sum + queries * Math.max(minQueryBytes, bytesPerSecond * (timespanSeconds + interval));
  }, 0);
  return bytes / terabyte;
}

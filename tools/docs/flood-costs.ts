import { assumed } from '../../cli/cost/assumptions.ts';
import { billOf } from '../../cli/cost/bill.ts';
import { meanTraffic, readMeasured, type Traffic } from '../../cli/cost/measured-traffic.ts';
import { type PriceList, priced } from '../../cli/cost/price-list.ts';
import { hoursPerMonth } from '../../cli/cost/units.ts';
import { usageOf } from '../../cli/cost/usage.ts';
import { table } from '../../cli/terminal/text-table.ts';
import { counterLimits } from '../../lambda/aggregate/overflow.ts';
import { defaultRefusedPairsPerMinute } from '../../lambda/config.ts';
import { settingsShape } from '../../lib/settings/settings.ts';

/** The packets of 10 Mbit/s: an Ethernet frame has at least 64 bytes. */
const packetsPerSecond = 10e6 / 8 / 64;

/** The most write units a second of an on-demand table, unless AWS raised the quota (DynamoDB Developer Guide, "Quotas"). */
const quotaUnits = 40_000;

/** The records and the counters of each packet of an attack. */
interface Attack {
  readonly name: string;
  readonly recordsPerPacket: number;
  /** Updates of counters in a minute. */
  readonly writesPerMinute: number;
}

/** The costs of an hour in US dollars, if the attack lasts. */
export interface FloodCost {
  readonly name: string;
  readonly writes: number;
  /** Flow logs, Firehose and Lambda. */
  readonly rest: number;
}

/** Computes what 10 Mbit/s of the smallest packets cost in an hour, each packet from or to another address. */
export function floodCosts(priceList: PriceList): FloodCost[] {
  const packets = packetsPerSecond * 60;
  return [
    { name: 'from outside, refused', recordsPerPacket: 1, writesPerMinute: budgetedWrites(packets) },
    { name: 'the same without a budget', recordsPerPacket: 1, writesPerMinute: packets },
    // The reply is a record and a pair too.
    { name: 'from outside, to an open port', recordsPerPacket: 2, writesPerMinute: 2 * packets },
    // Logged where the packet leaves; a packet to another logged network is logged there too, for the same pair.
    { name: 'from a host inside', recordsPerPacket: 1, writesPerMinute: packets },
  ].map((attack) => hourOf(attack, priceList));
}

/** Returns the cost of an hour in which the table's writes are at a limit. */
export function writesUsd(unitsPerSecond: number, { prices }: PriceList): number {
  return priced(prices.dynamoWriteUnits, unitsPerSecond * 3600);
}

/** The updates of a minute of refused packets: the budget, and for each batch overflow counters, a grant and its store. */
function budgetedWrites(packets: number): number {
  const perBatch = counterLimits.refusedOverflowPairs + 2;
  const batches = packets / recordsPerBatch();
  return Math.min(packets, defaultRefusedPairsPerMinute + batches * perBatch);
}

function recordsPerBatch(): number {
  return 2 ** 20 / meanTraffic(Object.values(readMeasured().styles)).payloadBytes;
}

function hourOf({ name, recordsPerPacket, writesPerMinute }: Attack, priceList: PriceList): FloodCost {
  const { machine, styles } = readMeasured();
  const recordsPerMinute = packetsPerSecond * 60 * recordsPerPacket;
  const traffic: Traffic = {
    ...meanTraffic(Object.values(styles)),
    pairUnits: 1,
    pairsTouched: writesPerMinute / recordsPerMinute,
    recordsPerPair: recordsPerMinute / writesPerMinute,
    groupings: {},
  };
  const usage = { ...usageOf(settingsShape.parse({})), recordsPerDay: recordsPerMinute * 1440 };
  const { lines } = billOf(usage, traffic, machine, priceList);
  const sum = (wanted: (service: string) => boolean) =>
    lines.reduce((all, { service, usd }) => all + (wanted(service) ? usd / hoursPerMonth : 0), 0);
  const isRest = (service: string) => ['VPC Flow Logs', 'Firehose', 'Lambda'].includes(service);
  const writes = lines.find(({ service, item }) => service === 'DynamoDB' && item === 'writes')!;
  return { name, writes: writes.usd / hoursPerMonth, rest: sum(isRest) };
}

/** Formats the costs for docs/operate/cost.md. */
export function floodCostsText(priceList: PriceList): string {
  const dollars = (usd: number) => `$${usd.toFixed(2)}`;
  const rows = floodCosts(priceList).map(({ name, writes, rest }) => [
    name,
    dollars(writes),
    dollars(rest),
    dollars(writes + rest),
  ]);
  const limits = [assumed.initialWriteUnits, quotaUnits].map(
    (units) => `${units.toLocaleString('en-US')} write units a second: ${dollars(writesUsd(units, priceList))} an hour`,
  );
  return [
    'US dollars an hour for 10 Mbit/s of packets of 64 bytes, each from or to another address\n',
    table(['10 Mbit/s', 'writes', 'delivery and function', 'together'], rows, [1, 2, 3]),
    `${limits.join('\n')}\n`,
  ].join('\n');
}

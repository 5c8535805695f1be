import type { Settings } from '../../lib/settings/settings.ts';
import { InputError } from '../terminal/input-error.ts';
import { formatMagnitude } from '../terminal/magnitude.ts';
import { heading, table } from '../terminal/text-table.ts';
import { meanTraffic, readMeasured, type Traffic } from './measured-traffic.ts';
import { assumed, type Bill, billOf, type Usage } from './model.ts';
import { type PriceList, readPriceList } from './price-list.ts';
import { type Capacity, capacityOf, type Saving, savingsOf } from './savings.ts';
import { settingsOfStage, usageOf } from './usage.ts';

export interface CostOptions extends Partial<Omit<Usage, 'recordsPerDay' | 'pairsPerDay'>> {
  readonly recordsPerDay?: readonly number[];
  readonly pairs?: number;
  /** The style of traffic that was measured; the mean of all where it is not given. */
  readonly traffic?: string;
  readonly prices?: string;
  /** The stage of flow-sentinel.json whose settings hold where no option says otherwise. */
  readonly stage?: string;
  readonly json?: boolean;
}

/** What a month of some volume costs, and what would change it. */
export interface CostAnswer {
  readonly usage: Usage;
  readonly bill: Bill;
  readonly capacity: Capacity;
  readonly savings: readonly Saving[];
}

/**
 * Prints the bill of a month by service, for each volume that is asked for.
 *
 * @throws InputError for volumes, a stage or a price list that make no sense
 * @throws FlowError `CONFIG_INVALID` or `RULE_INVALID` for mistakes in flow-sentinel.json or rules
 */
export async function cost({ json, stage, ...options }: CostOptions): Promise<void> {
  const priceList = readPriceList(options.prices);
  const answers = costsOf(options, settingsOfStage(stage), priceList);
  const { region, written } = priceList;
  process.stdout.write(
    json ? `${JSON.stringify({ region, written, answers }, null, 2)}\n` : costText(answers, priceList),
  );
}

/** The answers, in the order of the volumes; what no option says is as in the settings. */
export function costsOf(
  { recordsPerDay = [], pairs, traffic, prices: _prices, ...setup }: Omit<CostOptions, 'stage' | 'json'>,
  settings: Settings,
  priceList: PriceList,
): CostAnswer[] {
  if (recordsPerDay.length === 0)
    throw new InputError('--records-per-day says how many flow records there are, such as 100M');
  const { machine, styles } = readMeasured();
  const chosen = trafficOf(styles, traffic);
  return recordsPerDay.map((volume) => {
    const usage: Usage = { ...usageOf(settings), ...setup, recordsPerDay: volume, pairsPerDay: pairs };
    const bill = billOf(usage, chosen, machine, priceList);
    const capacity = capacityOf(bill, priceList);
    return { usage, bill, capacity, savings: savingsOf(usage, chosen, machine, priceList) };
  });
}

function trafficOf(styles: Readonly<Record<string, Traffic>>, name: string | undefined): Traffic {
  return name === undefined ? meanTraffic(Object.values(styles)) : styles[name]!;
}

/** The bills side by side, and below for each volume what drives it, what would lower it, and what it takes to start. */
export function costText(answers: readonly CostAnswer[], { region, written }: PriceList): string {
  const columns = answers.map(({ usage }) => formatMagnitude(usage.recordsPerDay));
  const lines = answers[0]!.bill.lines;
  const rows = lines.map(({ service, item, verified }, index) => [
    index > 0 && lines[index - 1]!.service === service ? '' : service,
    `${item}${verified ? '' : ' *'}`,
    ...answers.map(({ bill }) => dollars(bill.lines[index]!.usd)),
  ]);
  const right = columns.map((_, column) => column + 2);
  const totals = [
    ['a month', '', ...answers.map(({ bill }) => dollars(bill.usd))],
    ['a million records', '', ...answers.map(({ usage, bill }) => dollars(perMillion(usage, bill)))],
  ];
  return [
    heading(`US dollars a month, ${region}, prices of ${written}`),
    `  With ${setupText(answers[0]!.usage)}.\n`,
    table(['service', 'for', ...columns.map((volume) => `${volume} a day`)], [...rows, ...totals], right),
    '  * a price that was not verified: see the sources in the list. List prices, without tax and free tiers.\n',
    ...answers.flatMap((answer, index) => [heading(`${columns[index]} records a day`), aboutText(answer)]),
  ].join('\n');
}

/** What the settings, or options in their place, say. */
function setupText(usage: Usage): string {
  const names = [
    'lakeFormat',
    'lakePartition',
    'lakeColdAfterDays',
    'lakeExpireAfterDays',
    'encryption',
    'retentionDays',
  ] as const;
  const wayIn = usage.wayIn === 'flow-logs' ? 'flow logs to the stream' : 'log groups';
  const { provisionedWrites, warmWrites } = usage;
  return [
    wayIn,
    ...names.map((name) => `${name} ${usage[name]}`),
    ...(provisionedWrites ? [`provisionedWrites ${provisionedWrites.min} to ${provisionedWrites.max}`] : []),
    ...(warmWrites === undefined ? [] : [`warmWrites ${warmWrites}`]),
    `${usage.rules} rules`,
  ].join(', ');
}

function aboutText({ usage, bill, capacity, savings }: CostAnswer): string {
  const { load } = bill;
  const drivers = bill.lines
    .toSorted((a, b) => b.usd - a.usd)
    .slice(0, 3)
    .map(({ service, item, usd }) => `${service} ${item} ${percent(usd / bill.usd)}`);
  const batch =
    `${batchesText(load.batchesPerMinute)} a minute of ${count(load.recordsPerBatch)} records; each writes ` +
    `${count(load.pairWritesPerBatch)} pairs and ${count(load.groupWritesPerBatch)} other counters and takes ` +
    `${load.functionSeconds.toFixed(1)} s, ${count(load.functionsAtOnce)} at once`;
  const lines = [
    `Batches    ${batch}.`,
    `Driven by  ${drivers.join(', ')}.`,
    `Writes     ${capacityText(capacity, load.writeUnitsPerSecond)}`,
    ...startLines(usage, capacity),
    ...quotaLines(load.bytesPerSecond),
    ...itemLines(load.busiestItemBytes),
    ...savings.map(
      ({ what, but, usd }, index) => `${index === 0 ? 'Lower by ' : '         '}  ${dollars(usd)}: ${what} (${but}).`,
    ),
  ];
  return lines.map((line) => `  ${line}\n`).join('');
}

function capacityText(capacity: Capacity, units: number): string {
  const { breakEven, onDemandUsd, provisionedUsd, reservedOneYearUsd, reservedThreeYearsUsd } = capacity;
  return (
    `${count(units)} units a second: ${dollars(onDemandUsd)} on demand, ${dollars(provisionedUsd)} provisioned, ` +
    `${dollars(reservedOneYearUsd)} and ${dollars(reservedThreeYearsUsd)} reserved for one and three years; ` +
    `provisioned pays where more than ${percent(breakEven)} of it is used.`
  );
}

/** What a table on demand must be ready for, where it is not. */
function startLines(
  { provisionedWrites, warmWrites = assumed.initialWriteUnits }: Usage,
  capacity: Capacity,
): string[] {
  const { warmUnits, warmUsd } = capacity;
  if (provisionedWrites || warmUnits <= warmWrites) return [];
  return [
    `Start      The table takes ${count(warmWrites)} units a second at first, and this may want ${count(warmUnits)}: ` +
      `warmWrites ${warmUnits}, for ${dollars(warmUsd)}, once.`,
  ];
}

/** A stream takes 500,000 records and 5 MiB a second in us-east-1 unless more is asked for (Firehose Developer Guide, "Quota"). */
const streamMebibytes = 5;

function quotaLines(bytesPerSecond: number): string[] {
  const mebibytes = bytesPerSecond * 2 ** -20;
  if (mebibytes * assumed.peak <= streamMebibytes) return [];
  return [
    `Quota      ${count(mebibytes)} MiB a second, more at times: ask for more than the ${streamMebibytes} MiB that a Firehose stream takes.`,
  ];
}

/** An item may have 400 KB (DynamoDB Developer Guide, "Quotas"); a quarter of it for batches that are remembered is worth a word. */
const mostItemBytes = 400 * 1024;

function itemLines(busiestItemBytes: number): string[] {
  if (busiestItemBytes < mostItemBytes / 4) return [];
  const isOver = busiestItemBytes > mostItemBytes;
  return [
    `Limit      A pair that is in every batch has an item of up to ${count(busiestItemBytes / 1024)} KB while requests are repeated, by the batches that it remembers` +
      `${isOver ? ', and DynamoDB takes no more than 400: part the traffic among several stages.' : '; each write of it costs as many units.'}`,
  ];
}

function batchesText(batches: number): string {
  return batches === 1 ? 'one batch' : `${count(batches)} batches`;
}

function perMillion({ recordsPerDay }: Usage, { usd }: Bill): number {
  return (usd * 1e6 * 24) / (recordsPerDay * 730);
}

/** Dollars, with cents below a thousand. */
function dollars(usd: number): string {
  const fraction = usd < 1000 ? 2 : 0;
  return `$${usd.toLocaleString('en-US', { minimumFractionDigits: fraction, maximumFractionDigits: fraction })}`;
}

function count(value: number): string {
  return value.toLocaleString('en-US', { maximumSignificantDigits: value < 1 ? 1 : 3 });
}

function percent(part: number): string {
  return `${Math.round(part * 100)} %`;
}

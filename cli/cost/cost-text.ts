import { plural } from '../../lambda/common/text.ts';
import { formatMagnitude } from '../terminal/magnitude.ts';
import { heading, table } from '../terminal/text-table.ts';
import { assumed } from './assumptions.ts';
import { type Bill, unitsPerMonth } from './bill.ts';
import { alternativesText } from './comparison-text.ts';
import type { ContextCost } from './context-costs.ts';
import { type CostAnswer, withWrites } from './cost-answer.ts';
import { pairGrouping } from './counter-costs.ts';
import { countingLines } from './counting-text.ts';
import { flushTimeout } from './counting-ways.ts';
import { dollars } from './dollars.ts';
import type { GeoCost } from './geo-costs.ts';
import type { JournalLoad } from './journal.ts';
import type { NameCost } from './name-costs.ts';
import { type PriceList, priced } from './price-list.ts';
import type { Capacity } from './savings.ts';
import type { TagCost } from './tag-costs.ts';
import type { Usage } from './usage.ts';

/** Formats the bills side by side, and then for each volume its drivers, its savings and the start of the table. */
export function costText(answers: readonly CostAnswer[], priceList: PriceList): string {
  return [
    billText(answers, priceList),
    alternativesText(answers),
    ...answers.flatMap((answer) => [
      heading(`${formatMagnitude(answer.usage.recordsPerDay)} records a day`),
      detailsText(answer, priceList),
    ]),
  ].join('\n');
}

/** Formats the bills side by side, with a star at each line whose price is not verified. */
export function billText(answers: readonly CostAnswer[], { region, written }: PriceList): string {
  const volumes = answers.map(({ usage }) => `${formatMagnitude(usage.recordsPerDay)} a day`);
  const lines = answers[0]!.bill.lines;
  const rows = lines.map(({ service, item, verified }, index) => [
    index > 0 && lines[index - 1]!.service === service ? '' : service,
    `${item}${verified ? '' : ' *'}`,
    ...answers.map(({ bill }) => dollars(bill.lines[index]!.usd)),
  ]);
  const totals = [
    [
      'a month',
      'writes reserved for a year',
      ...answers.map((answer) => dollars(withWrites(answer, 'reservedOneYearUsd'))),
    ],
    ['', 'writes bought ahead', ...answers.map((answer) => dollars(withWrites(answer, 'provisionedUsd')))],
    ['', writesInUse(answers), ...answers.map(({ bill }) => dollars(bill.usd))],
    ['a million records', '', ...answers.map(({ usage, bill }) => dollars(perMillion(usage, bill)))],
    ['not verified *', '', ...answers.map(({ bill }) => percent(unverifiedUsd(bill) / bill.usd))],
  ];
  const right = volumes.map((_, column) => column + 2);
  return [
    heading(`US dollars a month, ${region}, prices of ${written}`),
    `  With ${setupText(answers[0]!.usage)}.\n`,
    table(['service', 'for', ...volumes], [...rows, ...totals], right),
    '  * a price that was not verified: see its source in the price list. List prices, without tax and free tiers.\n',
  ].join('\n');
}

function writesInUse([answer]: readonly CostAnswer[]): string {
  return answer?.usage.provisionedWrites ? 'writes as set' : 'writes on demand';
}

function unverifiedUsd({ lines }: Bill): number {
  return lines.reduce((sum, { usd, verified }) => sum + (verified ? 0 : usd), 0);
}

/** Formats the settings in use. */
function setupText(usage: Usage): string {
  const names = [
    'lakeFormat',
    'lakePartition',
    'lakeColdAfterDays',
    'lakeExpireAfterDays',
    'encryption',
    'retentionDays',
  ] as const;
  const source = usage.wayIn === 'flow-logs' ? 'flow logs to the stream' : 'log groups';
  const { bufferIntervalSeconds, provisionedWrites, warmWrites, maxWrites } = usage;
  return [
    source,
    ...(usage.counting === 'direct'
      ? []
      : [`counting journal, countEvery ${usage.countEvery}, countLanes ${usage.countLanes}`]),
    ...(bufferIntervalSeconds === 60 ? [] : [`bufferIntervalSeconds ${bufferIntervalSeconds}`]),
    ...names.map((name) => `${name} ${usage[name]}`),
    ...(provisionedWrites ? [`provisionedWrites ${provisionedWrites.min} to ${provisionedWrites.max}`] : []),
    ...(warmWrites === undefined ? [] : [`warmWrites ${warmWrites}`]),
    ...(maxWrites === undefined ? [] : [`maxWrites ${maxWrites}`]),
    ...(usage.tagFields === undefined ? [] : [`tagFields with ${plural(usage.tagFields, 'field')}`]),
    ...(usage.geoTable ? ['geoTable'] : []),
    ...(usage.names ? ['names'] : []),
    ...(usage.context ? ['context'] : []),
    `${usage.rules} rules`,
  ].join(', ');
}

function detailsText(answer: CostAnswer, priceList: PriceList): string {
  const { usage, bill, capacity, savings } = answer;
  const { load } = bill;
  const drivers = bill.lines
    .toSorted((a, b) => b.usd - a.usd)
    .slice(0, 3)
    .map(({ service, item, usd }) => `${service} ${item} ${percent(usd / bill.usd)}`);
  const writes = load.journal
    ? `${count(load.journal.pagesPerBatch)} pages of ${count(load.journal.keysPerBatch / load.journal.pagesPerBatch)} counters`
    : `${count(load.pairWritesPerBatch)} pairs and ${count(load.groupWritesPerBatch)} other counters`;
  const batch =
    `${batchesText(load.batchesPerMinute)} a minute of ${count(load.recordsPerBatch)} records; each writes ` +
    `${writes} and takes ${load.functionSeconds.toFixed(1)} s, ${count(load.functionsAtOnce)} at once`;
  const lines = [
    `Batches    ${batch}.`,
    ...flushLines(usage, load.journal),
    `Driven by  ${drivers.join(', ')}.`,
    ...counterLines(answer, priceList),
    ...tagLines(answer.tags),
    ...geoLines(answer.geo),
    ...nameLines(answer.names),
    ...contextLines(answer.context),
    ...labelled('Counting', countingLines(answer.counting)),
    `Writes     ${capacityText(capacity, load.writeUnitsPerSecond)}`,
    ...startLines(usage, capacity),
    ...journalStartLines(load.journal),
    ...maxWritesLines(usage, capacity),
    ...quotaLines(usage, load.bytesPerSecond, capacity, priceList.region),
    ...itemLines(load.busiestItemBytes),
    ...labelled(
      'Lower by',
      savings.map(({ what, but, usd }) => `${dollars(usd)}: ${what} (${but})`),
    ),
  ];
  return lines.map((line) => `  ${line}\n`).join('');
}

/** Formats the flushes of a journal; empty without one. */
function flushLines({ countEvery, countLanes }: Usage, journal: JournalLoad | undefined): string[] {
  if (journal === undefined) return [];
  const { keysPerFlush, laneSeconds, functionsAtOnce } = journal;
  return [
    `Flushes    one in ${countEvery} minutes writes ${count(keysPerFlush)} counters; each of ${countLanes} lanes takes ` +
      `${laneSeconds.toFixed(1)} s, ${count(functionsAtOnce)} functions at once.`,
    ...(laneSeconds <= flushTimeout
      ? []
      : [
          `Limit      A flush of one lane takes longer than the ${flushTimeout} s of the function: ` +
            `${countLanes === 128 ? 'lower countEvery, or divide the traffic among several stages' : 'set countLanes 128'}.`,
        ]),
  ];
}

/** Formats the dollars of the pairs, of each other grouping with the rules that it is for, and of all other requests. */
function counterLines({ bill, capacity, counters }: CostAnswer, { prices }: PriceList): string[] {
  const readsUsd = priced(prices.dynamoReadUnits, unitsPerMonth(bill.load.readUnitsPerSecond));
  const measuredUsd = counters.reduce((sum, { usd, isMeasured }) => sum + (isMeasured ? usd : 0), 0);
  const ofGroups = counters.map(({ groupBy, rules, isMeasured, usd }) => {
    if (groupBy === pairGrouping) return `${dollars(usd)}: pairs`;
    return `${isMeasured ? '' : 'at most '}${dollars(usd)}: ${groupBy}, for ${rules.join(', ')}${isMeasured ? '' : ' (not in the bill)'}`;
  });
  const others = `${dollars(capacity.onDemandUsd + readsUsd - measuredUsd)}: batch markers and repeated writes`;
  const journal = bill.lines.filter(({ item }) => item.startsWith('journal'));
  const journalUsd = journal.reduce((sum, { usd }) => sum + usd, 0);
  return labelled('Counters', [
    ...ofGroups,
    others,
    ...(journal.length === 0 ? [] : [`${dollars(journalUsd)}: journal (pages, chunks and state, in a second table)`]),
  ]);
}

/** Formats what tag fields add to the bill; empty without any. */
function tagLines(tags: TagCost | undefined): string[] {
  if (!tags) return [];
  const { fields, bytesPerRecord, usd } = tags;
  return labelled('Tags', [
    `${dollars(usd)}: tagFields, ${plural(fields, 'field')} with ${bytesPerRecord} bytes of a record (assumed)`,
  ]);
}

/** Formats what the geo table adds to the bill; empty without a table. */
function geoLines(geo: GeoCost | undefined): string[] {
  if (!geo) return [];
  return labelled('Regions', [
    `${dollars(geo.usd)}: geoTable, with ${plural(geo.rules, 'rule')}, two metrics and two alarms`,
  ]);
}

/** Formats what names of addresses add to the bill; empty without them. */
function nameLines(names: NameCost | undefined): string[] {
  if (!names) return [];
  const { alertsPerDay, namesPerAlert, usd } = names;
  return labelled('Names', [
    `${dollars(usd)}: names, for ${count(alertsPerDay)} alerts a day with ${plural(namesPerAlert, 'name')} each, all looked up (assumed)`,
    'Lambda reads the stream of their table without charge',
  ]);
}

/** Formats what findings and network changes add to the bill; empty without them. */
function contextLines(context: ContextCost | undefined): string[] {
  if (!context) return [];
  const { alertsPerDay, eventsPerDay, usd } = context;
  return labelled('Context', [
    `${dollars(usd)}: context, for ${count(eventsPerDay)} events and ${count(alertsPerDay)} alerts a day, and five alarms (assumed)`,
    'EventBridge sends events of AWS in the account without charge',
  ]);
}

/** Returns lines of which the first has a label. */
function labelled(label: string, texts: readonly string[]): string[] {
  return texts.map((text, index) => `${(index === 0 ? label : '').padEnd(11)}${text}.`);
}

function capacityText(capacity: Capacity, units: number): string {
  const { breakEven, onDemandUsd, provisionedUsd, reservedOneYearUsd, reservedThreeYearsUsd } = capacity;
  return (
    `${count(units)} units a second: ${dollars(reservedOneYearUsd)} reserved for one year (${dollars(reservedThreeYearsUsd)} for three), ` +
    `${dollars(provisionedUsd)} bought ahead, ${dollars(onDemandUsd)} on demand; ` +
    `provisioned capacity costs less above ${percent(breakEven)} use.`
  );
}

/** Formats the warm throughput that a new on-demand table needs; empty if it needs none. */
function startLines(
  { provisionedWrites, warmWrites = assumed.initialWriteUnits }: Usage,
  capacity: Capacity,
): string[] {
  const { warmUnits, warmUsd } = capacity;
  if (provisionedWrites || warmUnits <= warmWrites) return [];
  return [
    `Start      The new table takes ${count(warmWrites)} units a second, and this load may need ${count(warmUnits)}: ` +
      `set warmWrites ${warmUnits}, for ${dollars(warmUsd)} once.`,
  ];
}

/** Formats the write units that the new table of a journal needs; empty if it takes them. */
function journalStartLines(journal: JournalLoad | undefined): string[] {
  const units = (journal?.writeUnitsPerSecond ?? 0) * assumed.peak;
  if (units <= assumed.initialWriteUnits) return [];
  return [
    `Start      The journal's new table takes ${count(assumed.initialWriteUnits)} units a second, and its pages may need ${count(units)}: ` +
      'batches are throttled, and retried, until it has grown.',
  ];
}

/** Formats the limit of the table's writes if the busiest minute exceeds it. */
function maxWritesLines({ maxWrites }: Usage, { warmUnits }: Capacity): string[] {
  if (maxWrites === undefined || warmUnits <= maxWrites) return [];
  return [
    `Limit      maxWrites is ${count(maxWrites)} units a second, and this load may need ${count(warmUnits)}: batches are throttled, and may fail.`,
  ];
}

/** The default quota of a stream by Direct PUT, in MiB a second, and its exceptions (Firehose Developer Guide, "Quota"). */
const streamMebibytes = 1;
const largeStreamMebibytes = 5;
const largeStreamRegions: readonly string[] = ['us-east-1', 'us-west-2', 'eu-west-1'];

/** The default quota of a table, with either capacity mode (DynamoDB Developer Guide, "Quotas"). */
const tableWriteUnits = 40_000;

/** The default quota of active partitions of a stream (Firehose Developer Guide, "Quota"). */
const activePartitions = 500;

/** Formats the quotas of stream and table that the load exceeds in its busiest minute. */
function quotaLines(
  { lakePartition, partitions }: Usage,
  bytesPerSecond: number,
  { warmUnits }: Capacity,
  region: string,
): string[] {
  const mebibytes = bytesPerSecond * 2 ** -20 * assumed.peak;
  const isLarge = largeStreamRegions.includes(region);
  const quota = isLarge ? largeStreamMebibytes : streamMebibytes;
  const elsewhere = isLarge
    ? `${streamMebibytes} MiB outside ${largeStreamRegions.join(', ')}`
    : `${largeStreamMebibytes} MiB only in ${largeStreamRegions.join(', ')}`;
  return [
    ...(mebibytes <= quota
      ? []
      : [
          `Quota      ${count(mebibytes)} MiB a second at peak: request a higher quota than the ${quota} MiB of a Firehose stream ` +
            `in ${region} (${elsewhere}).`,
        ]),
    ...(lakePartition === 'date' || partitions <= activePartitions
      ? []
      : [
          `Quota      ${count(partitions)} partitions: request a higher quota than the ${activePartitions} active partitions of a Firehose stream.`,
        ]),
    ...(warmUnits <= tableWriteUnits
      ? []
      : [
          `Quota      ${count(warmUnits)} write units a second at peak: request a higher quota than the ${count(tableWriteUnits)} of a DynamoDB table.`,
        ]),
  ];
}

/** The limit of an item is 400 KB (DynamoDB Developer Guide, "Quotas"). */
const maxItemBytes = 400 * 1024;

/** Formats the size of the busiest item if its dedup tokens take a quarter of the limit or more. */
function itemLines(busiestItemBytes: number): string[] {
  if (busiestItemBytes < maxItemBytes / 4) return [];
  const isOver = busiestItemBytes > maxItemBytes;
  return [
    `Limit      While requests are retried, the item of a pair in every batch has up to ${count(busiestItemBytes / 1024)} KB of dedup tokens` +
      `${isOver ? ', and the limit of DynamoDB is 400 KB: divide the traffic among several stages.' : ', and each write of it costs as many units.'}`,
  ];
}

function batchesText(batches: number): string {
  return batches === 1 ? 'one batch' : `${count(batches)} batches`;
}

function perMillion({ recordsPerDay }: Usage, { usd }: Bill): number {
  return (usd * 1e6 * 24) / (recordsPerDay * 730);
}

function count(value: number): string {
  return value.toLocaleString('en-US', { maximumSignificantDigits: value < 1 ? 1 : 3 });
}

function percent(part: number): string {
  return `${Math.round(part * 100)} %`;
}

import { type CostAnswer, type CostOptions, costsOf, withWrites } from '../../cli/cost/cost-answer.ts';
import { dollars } from '../../cli/cost/dollars.ts';
import { meanTraffic, mergedMinutes, readMeasured } from '../../cli/cost/measured-traffic.ts';
import type { PriceList } from '../../cli/cost/price-list.ts';
import { formatMagnitude } from '../../cli/terminal/magnitude.ts';
import { settingsShape } from '../../lib/settings/settings.ts';

const volumes = [1e6, 1e8, 1e10];

/** The compared ways; 128 lanes where `cost` recommends them. */
const ways: readonly { readonly name: string; readonly options: CostOptions }[] = [
  { name: 'direct', options: { counting: 'direct' } },
  { name: 'journal, `countEvery` 15', options: { counting: 'journal', countEvery: 15 } },
  { name: 'journal, `countEvery` 5', options: { counting: 'journal', countEvery: 5 } },
];

/** Formats the write units and the bills of each way to count as a Markdown table. */
export function countingTable(prices: PriceList): string {
  const answers = (options: CostOptions, recordsPerDay: number) => {
    const countLanes = recordsPerDay > 1e9 ? 128 : 16;
    return costsOf({ countLanes, ...options, recordsPerDay: [recordsPerDay] }, settingsShape.parse({}), prices)[0]!;
  };
  const row = (name: string, cell: (options: CostOptions) => string) =>
    `| ${name} | ${ways.map(({ options }) => cell(options)).join(' | ')} |\n`;
  const perVolume = (name: string, cell: (answer: CostAnswer) => string, more: CostOptions = {}) =>
    volumes.map((volume) =>
      row(`${name}, ${formatMagnitude(volume)} a day`, (options) => cell(answers({ ...options, ...more }, volume))),
    );
  const ahead = (way: 'provisionedUsd' | 'reservedOneYearUsd') => (options: CostOptions) =>
    dollars(withWrites(answers({ ...options, lakeFormat: 'json' }, 1e8), way));
  return [
    `| | ${ways.map(({ name }) => name).join(' | ')} |\n|---|${'--:|'.repeat(ways.length)}\n`,
    row('counters of 1,000 records in 1, 15 and 5 minutes', (options) => mergedKeys(options).toFixed(0)),
    row('the same in the style with the most', (options) => {
      const [style, keys] = dearestStyle((traffic) => mergedKeys({ ...options, traffic }));
      return `${keys.toFixed(0)} (${style})`;
    }),
    ...perVolume('write units for 1,000 records', (answer) => unitsOf(answer).toFixed(0)),
    row('the same in the dearest style, 100 M a day', (options) => {
      const [style, units] = dearestStyle((traffic) => unitsOf(answers({ ...options, traffic }, 1e8)));
      return `${units.toFixed(0)} (${style})`;
    }),
    ...perVolume('a month', ({ bill }) => dollars(bill.usd)),
    row('100 M a day, `lakeFormat` `json`, writes bought ahead', ahead('provisionedUsd')),
    row('100 M a day, `lakeFormat` `json`, writes reserved for a year', ahead('reservedOneYearUsd')),
    row('alerts come later by at most', ({ counting, countEvery }) =>
      counting === 'direct' ? '0' : `${countEvery! + 1} min`,
    ),
  ].join('');
}

/** Returns the distinct counters of 1,000 records, if the records of a minute or of the interval of a flush are merged. */
function mergedKeys({ counting, countEvery = 1, traffic }: CostOptions): number {
  const { styles } = readMeasured();
  const measured = traffic === undefined ? meanTraffic(Object.values(styles)) : styles[traffic]!;
  const index = counting === 'direct' ? 0 : mergedMinutes.indexOf(countEvery as (typeof mergedMinutes)[number]);
  const groups = Object.values(measured.groupings).map(
    ({ mergedAmounts, mergedPresence }) => mergedAmounts[index]! + mergedPresence[index]!,
  );
  return 1000 * groups.reduce((sum, keys) => sum + keys, measured.mergedPairs[index]!);
}

/** Returns the write units of all tables for 1,000 records. */
function unitsOf({ usage, bill }: CostAnswer): number {
  const { writeUnitsPerSecond, journal } = bill.load;
  return ((writeUnitsPerSecond + (journal?.writeUnitsPerSecond ?? 0)) * 86_400 * 1000) / usage.recordsPerDay;
}

function dearestStyle(unitsOfStyle: (style: string) => number): [string, number] {
  return Object.keys(readMeasured().styles)
    .map((style): [string, number] => [style, unitsOfStyle(style)])
    .toSorted(([, a], [, b]) => b - a)[0]!;
}

import { byteSize, formatInteger, utc } from '../../lambda/common/format-units.ts';
import { printable, truncate } from '../../lambda/common/text.ts';
import { leftOutText } from '../monitored-networks/left-out-text.ts';
import { uncountedText } from '../statistics/uncounted-text.ts';
import { heading, table } from '../terminal/text-table.ts';
import type { ReplayedFiles } from './replay-files.ts';

const maxShownReasons = 3;

/** Formats the files and the numbers of their lines. */
export function summaryText({ files, records, monitoring, period, lateFlows }: ReplayedFiles): string {
  const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
  const rows = [...Map.groupBy(files, ({ kind }) => kind ?? 'not read')].map(([kind, all]) => [
    kind,
    formatInteger(all.length),
    byteSize(sum(all.map(({ bytes }) => bytes))),
    formatInteger(sum(all.map((file) => file.records))),
  ]);
  const { flows, counted, noData, skipData, unreadable, reasons } = records;
  const lines = [flows, counted, noData, skipData, unreadable].map(formatInteger);
  const reasonLines = reasons
    .slice(0, maxShownReasons)
    .map(
      (one) =>
        `  ${formatInteger(one.lines)} unreadable: ${printable(one.reason)}, such as: ${truncate(printable(one.example), 100)}\n`,
    );
  const timeRange = period ? `, from ${utc(period.from)} to ${utc(period.to)} (UTC)` : '';
  return [
    heading('Files'),
    table(['kind', 'files', 'size', 'records'], rows, [1, 2, 3]),
    heading(`Lines${timeRange}`),
    table(['flows', 'counted', 'NODATA', 'SKIPDATA', 'unreadable'], [lines], [0, 1, 2, 3, 4]) +
      uncountedText(records.uncounted) +
      reasonLines.join('') +
      leftOutText(monitoring) +
      lateFlowsText(lateFlows),
  ].join('\n');
}

/** Formats the number of flows that came late as a line; empty without such flows. */
function lateFlowsText(flows: number): string {
  if (flows === 0) return '';
  const subject = flows === 1 ? '1 flow comes' : `${formatInteger(flows)} flows come`;
  return `  ${subject} over 30 min after later ones: sort joined files by end, or rules may miss alerts\n`;
}

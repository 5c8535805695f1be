import { formatInteger } from '../../../lambda/common/format-units.ts';
import { plural } from '../../../lambda/common/text.ts';
import type { UnreadableReason } from '../../statistics/unreadable-lines.ts';
import { element, integerElement, untrustedText } from './element.ts';
import type { ReportData, ReportSource } from './report-data.ts';
import { type Column, sortableTable } from './sortable-table.ts';

/** Makes the tables of sources and of reasons for unreadable lines, folded unless something could not be read. */
export function sourcesSection({ sources, moreSources, records, leftOut }: ReportData): HTMLElement {
  const table = sortableTable<ReportSource>('Sources', [
    { heading: 'Source', cell: ({ name }) => element('code', {}, untrustedText(name)), by: ({ name }) => name },
    { heading: 'Kind', cell: ({ kind }) => untrustedText(kind), by: ({ kind }) => kind },
    {
      heading: 'Records',
      cell: (source) => integerElement(source.records),
      by: (source) => source.records,
      isNumber: true,
    },
    ...(sources.some(({ problem }) => problem !== undefined) ? [problemColumn] : []),
  ]);
  table.update(sources);
  const more = moreSources > 0 ? ` ${plural(moreSources, 'more source')} not listed.` : '';
  const isIncomplete = records.unreadable > 0 || sources.some(({ problem }) => problem !== undefined);
  return element(
    'details',
    { class: 'fold', open: isIncomplete },
    element('summary', {}, `${linesText(records)}${more}`),
    ...leftOut.map((line) => element('p', {}, untrustedText(`${sentence(line)}.`))),
    sources.length > 0 && table.element,
    ...reasonsPart(records),
  );
}

const problemColumn: Column<ReportSource> = {
  heading: 'Problem',
  cell: ({ problem }) => problemOf(problem),
  by: ({ problem = '' }) => problem,
};

function problemOf(problem: string | undefined): HTMLElement | string {
  return problem === undefined ? '' : element('span', { class: 'bad' }, untrustedText(problem));
}

function linesText({ flows, counted: count, uncounted, noData, skipData, unreadable }: ReportData['records']): string {
  const { noAction, noBytes, noAddress } = uncounted;
  const parts = [
    `${formatInteger(flows)} ${flows === 1 ? 'flow record' : 'flow records'}, ${countedText(flows, count)}`,
    noAction > 0 && `${formatInteger(noAction)} without action, counted 0`,
    noBytes > 0 && `${formatInteger(noBytes)} without bytes, counted 0`,
    noAddress > 0 && `${formatInteger(noAddress)} without address, counted 0`,
    noData > 0 && `${formatInteger(noData)} NODATA`,
    skipData > 0 && `${formatInteger(skipData)} SKIPDATA`,
    unreadable > 0 && `${formatInteger(unreadable)} unreadable`,
  ];
  return `${parts.filter(Boolean).join('; ')}.`;
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function countedText(flows: number, count: number): string {
  if (count === flows) return 'all counted';
  return `${formatInteger(count)} of them counted (the others are duplicate observations, or lack an address, an action or bytes)`;
}

function reasonsPart({ reasons, unreadable }: ReportData['records']): HTMLElement[] {
  if (reasons.length === 0) return [];
  const table = sortableTable<UnreadableReason>(
    'Reasons for unreadable lines',
    [
      { heading: 'Reason', cell: ({ reason }) => untrustedText(reason) },
      { heading: 'Lines', cell: ({ lines }) => integerElement(lines), by: ({ lines }) => lines, isNumber: true },
      { heading: 'First line', cell: ({ example }) => element('code', {}, untrustedText(example)) },
    ],
    'Lines',
  );
  table.update(reasons);
  const left = unreadable - reasons.reduce((sum, { lines }) => sum + lines, 0);
  return [
    element('h3', {}, 'Reasons for unreadable lines'),
    table.element,
    ...(left > 0 ? [element('p', { class: 'small' }, `${formatInteger(left)} more for other reasons.`)] : []),
  ];
}

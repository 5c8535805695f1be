import { formatInteger } from '../../../lambda/common/format-units.ts';
import { printable } from '../../../lambda/common/text.ts';
import type { PairCounter } from '../../statistics/pair-counter.ts';
import { copyableText } from './copyable-text.ts';
import { element, replaceChildren } from './element.ts';
import { huntPair } from './hunt-command.ts';
import type { PageData } from './page-data.ts';
import { huntColumn, pairColumnsOf } from './pairs-table.ts';
import type { ReportData } from './report-data.ts';
import { sortableTable } from './sortable-table.ts';
import type { TextQuery } from './text-query.ts';

/** A table of pairs with a hunt command for each. */
export interface PairsView {
  readonly element: HTMLElement;
  update(pairs: readonly PairCounter[]): void;
}

/** Makes a table of pairs. Its buttons show the command above the table. @param name the table in words */
export function pairsView(name: string, { data: { hunt, pairs: all }, known }: PageData): PairsView {
  const chosen = element('div', { role: 'status' });
  const show = ({ src, dst }: PairCounter) => {
    const command = copyableText(`Flows between ${printable(src)} and ${printable(dst)}`, huntPair(src, dst, hunt));
    replaceChildren(chosen, command);
    chosen.scrollIntoView({ block: 'nearest' });
    command.querySelector('button')?.focus({ preventScroll: true });
  };
  const table = sortableTable(name, [...pairColumnsOf(all, known), huntColumn(show)], 'Accepted');
  return {
    element: element('div', {}, chosen, table.element),
    update(pairs) {
      replaceChildren(chosen);
      table.update(pairs);
    },
  };
}

/** Formats the number of pairs in the report, and of those that a search finds. */
export function pairsText(
  { pairs, pairCount }: Pick<ReportData, 'pairs' | 'pairCount'>,
  found: number,
  { kind, text }: TextQuery,
): string {
  if (pairCount === 0) return 'No pairs were counted.';
  const held =
    pairs.length < pairCount
      ? `${formatInteger(pairCount)} pairs, ${formatInteger(pairs.length)} in this report: those of alerts and of their hosts first, then the busiest by bytes and by rejects`
      : `All ${formatInteger(pairCount)} pairs`;
  const phrase = { all: '', address: `of ${text}`, network: `in ${text}`, text: `with “${text}”` };
  const share = kind === 'all' ? '' : `; ${formatInteger(found)} ${phrase[kind]}`;
  return `${held}${share}. Sums of the whole time, in UTC.`;
}

import { nounText } from './alert-counts.ts';
import { moments, momentsTable } from './context-events.ts';
import { element } from './element.ts';
import type { ReportedContext, ReportedEvent } from './report-data.ts';

/** The part with all findings and changes. */
export interface ContextSection {
  readonly element: HTMLElement;
  /** Shows those that a search finds. */
  update(events: readonly ReportedEvent[]): void;
}

/** Makes the part with the findings and changes of the report, in order of time. */
export function contextSection({ events: all, unlisted }: ReportedContext): ContextSection {
  const table = momentsTable('Findings and changes', true);
  const status = element('p', { class: 'small' });
  const missing =
    unlisted > 0
      ? ` ${nounText(unlisted, 'more is', 'more are')} not in the report: those of other hosts and earlier times.`
      : '';
  return {
    element: element('div', {}, status, ...(all.length > 0 ? [table.element] : [])),
    update(events) {
      const found =
        events.length === all.length ? '' : `${nounText(events.length, 'one', 'of them')} found by the search. `;
      status.textContent = `${countsText(all)}. ${found}A finding has the time at which it was last seen.${missing}`;
      table.update(moments(events, []));
    },
  };
}

/** Formats the numbers of events: `2 GuardDuty findings and 3 changes`. */
export function countsText(events: readonly ReportedEvent[]): string {
  const findings = events.filter(({ kind }) => kind === 'finding').length;
  return `${nounText(findings, 'GuardDuty finding')} and ${nounText(events.length - findings, 'change')}`;
}

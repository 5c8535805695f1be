import type { Child } from './element.ts';
import { element, timeElement, untrustedText } from './element.ts';
import { hostLink, linkedText } from './host-link.ts';
import { levelMark } from './level-mark.ts';
import type { ReportedEvent } from './report-data.ts';
import type { ShownAlert } from './shown-alert.ts';
import { type Column, sortableTable } from './sortable-table.ts';

/** The most addresses of an event in a cell. */
const maxAddresses = 3;

/** Something that happened at a time: a context event, an alert, or an update of one. */
export interface Moment {
  readonly time: number;
  /** In words. */
  readonly kind: string;
  readonly level?: string;
  readonly text: string;
  /** Undefined for an alert. */
  readonly event?: ReportedEvent;
}

/** Returns the kind of a context event or of a note in words. */
export function kindText(kind: string): string {
  return kindTexts.get(kind) ?? 'event';
}

const kindTexts: ReadonlyMap<string, string> = new Map([
  ['finding', 'GuardDuty finding'],
  ['change', 'change'],
  ['alert', 'other alerts'],
]);

/** Returns context events and alerts in order of time; events of the same time come before alerts. */
export function moments(events: readonly ReportedEvent[], alerts: readonly ShownAlert[]): Moment[] {
  const ofEvents = events.map((event) => ({
    ...{ time: event.time, kind: kindText(event.kind), text: event.text, event },
    ...(event.level !== undefined && { level: event.level }),
  }));
  const ofAlerts = alerts.flatMap(({ alert: { body }, updates, at, headline }) => [
    {
      time: at,
      kind: body.ended ? 'resolution notice' : body.update ? 'update' : 'alert',
      level: body.level,
      text: headline,
    },
    ...updates.map(({ body: { time, level, update } }) => ({
      ...{ time: Math.floor(time / 1000), kind: 'update', level, text: update?.history.at(-1)?.text ?? '' },
    })),
  ]);
  return [...ofEvents, ...ofAlerts].sort((a, b) => a.time - b.time);
}

/** Makes the table of what happened, in order of time. @param name its name for assistive technology */
export function momentsTable(name: string, hasHosts: boolean) {
  return sortableTable<Moment>(name, [
    { heading: 'Time (UTC)', cell: ({ time }) => timeElement(time), by: ({ time }) => time, isNumber: true },
    {
      heading: 'What',
      cell: ({ kind, level, text }) =>
        element(
          'span',
          { class: 'what' },
          element('span', { class: 'kind' }, kind, level !== undefined && levelMark(level)),
          linkedText(text),
        ),
    },
    ...(hasHosts ? [hostsColumn] : []),
  ]);
}

const hostsColumn: Column<Moment> = { heading: 'Hosts in the report', cell: ({ event }) => hostsCell(event) };

function hostsCell(event: ReportedEvent | undefined): Child {
  if (!event) return '';
  const { addresses } = event;
  const links = addresses.slice(0, maxAddresses).flatMap((address) => [hostLink(address), ' ']);
  const others = addresses.length - maxAddresses;
  return element('span', {}, ...links, others > 0 && untrustedText(`and ${others} more`));
}

import { formatInteger } from '../../../lambda/common/format-units.ts';
import { alertCell } from '../../names/who-cell.ts';
import { nounText } from './alert-counts.ts';
import { alertDetail } from './alert-detail.ts';
import { button, element, replaceChildren, timeElement, untrustedText } from './element.ts';
import { knownLine } from './known-addresses.ts';
import { levelMark } from './level-mark.ts';
import type { PageData } from './page-data.ts';
import type { ShownAlert } from './shown-alert.ts';

const pageLength = 100;

/** The list of alerts. */
export interface AlertList {
  readonly element: HTMLElement;
  update(alerts: readonly ShownAlert[]): void;
  /** Opens the first `max` alerts that are shown, for printing. */
  openAll(max: number): void;
}

/** Makes the list of alerts: one line each, which opens the details; at first a hundred alerts. */
export function alertList(page: PageData): AlertList {
  let alerts: readonly ShownAlert[] = [];
  let entries: Entry[] = [];
  const list = element('div', { class: 'alerts' });
  const more = button('', () => {
    const shown = list.childElementCount;
    append();
    (list.children[shown]?.firstElementChild as HTMLElement | undefined)?.focus();
  });
  const onPaper = element('p', { class: 'paper' });
  const append = () => {
    const next = alerts.slice(entries.length, entries.length + pageLength).map((one) => alertEntry(one, page));
    entries.push(...next);
    list.append(...next.map(({ entry }) => entry));
    const left = alerts.length - entries.length;
    more.hidden = left === 0;
    more.textContent = `Show ${formatInteger(Math.min(left, pageLength))} more of ${formatInteger(left)}`;
    onPaper.textContent = left === 0 ? '' : `${formatInteger(left)} more lines are in the file, not on paper.`;
  };
  return {
    element: element('div', {}, list, more, onPaper),
    update(all) {
      alerts = all;
      entries = [];
      replaceChildren(list);
      append();
    },
    openAll(max) {
      for (const { entry, showOnce } of entries.slice(0, max)) {
        entry.open = true;
        showOnce();
      }
    },
  };
}

interface Entry {
  readonly entry: HTMLDetailsElement;
  /** Fills an open entry immediately: the event `toggle` comes too late for printing. */
  showOnce(): void;
}

function alertEntry(shown: ShownAlert, page: PageData): Entry {
  const { ended, digest, update, ruleStatus, key, names } = shown.alert.body;
  const { length: updates } = shown.updates;
  const who = digest ? '' : alertCell(key, names);
  const marks = [
    ended && 'resolved',
    updates > 0 && nounText(updates, 'update'),
    update && 'update of an alert that is not in the report',
    digest && `${formatInteger(digest.alerts)} in one e-mail`,
    ruleStatus === 'experimental' && 'experimental: in the log only',
  ];
  const entry = element(
    'details',
    { class: 'alert' },
    element(
      'summary',
      {},
      levelMark(shown.level),
      element('span', { class: 'headline' }, untrustedText(shown.headline), who !== '' && knownLine(who)),
      ...marks.map((text) => text && element('span', { class: 'note' }, text)),
      timeElement(shown.at),
    ),
  );
  const showOnce = () => {
    if (entry.open && entry.childElementCount === 1) entry.append(alertDetail(shown, page));
  };
  entry.addEventListener('toggle', showOnce);
  return { entry, showOnce };
}

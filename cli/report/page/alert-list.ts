import { formatInteger } from '../../../lambda/common/format-units.ts';
import type { PairCounter } from '../../statistics/pair-counter.ts';
import { alertDetail } from './alert-detail.ts';
import { button, element, replaceChildren, timeElement, untrustedText } from './element.ts';
import { levelMark } from './level-mark.ts';
import type { ShownAlert } from './shown-alert.ts';

const pageLength = 100;

export interface AlertList {
  readonly element: HTMLElement;
  update(alerts: readonly ShownAlert[]): void;
  /** Opens what is shown, up to so many, as for paper. */
  openAll(most: number): void;
}

/** The alerts, a line each that opens to all that is known of it; a hundred at first. */
export function alertList(byEnd: ReadonlyMap<string, readonly PairCounter[]>): AlertList {
  let alerts: readonly ShownAlert[] = [];
  let entries: Entry[] = [];
  const list = element('div', { class: 'alerts' });
  const more = button('', () => {
    const shown = list.childElementCount;
    append();
    (list.children[shown]?.firstElementChild as HTMLElement | undefined)?.focus();
  });
  const append = () => {
    const next = alerts.slice(entries.length, entries.length + pageLength).map((one) => alertEntry(one, byEnd));
    entries.push(...next);
    list.append(...next.map(({ entry }) => entry));
    const left = alerts.length - entries.length;
    more.hidden = left === 0;
    more.textContent = `Show ${formatInteger(Math.min(left, pageLength))} more of ${formatInteger(left)}`;
  };
  return {
    element: element('div', {}, list, more),
    update(all) {
      alerts = all;
      entries = [];
      replaceChildren(list);
      append();
    },
    openAll(most) {
      for (const { entry, showOnce } of entries.slice(0, most)) {
        entry.open = true;
        showOnce();
      }
    },
  };
}

interface Entry {
  readonly entry: HTMLDetailsElement;
  /** Fills it where it is open, at once: `toggle` comes too late for paper. */
  showOnce(): void;
}

function alertEntry(shown: ShownAlert, byEnd: ReadonlyMap<string, readonly PairCounter[]>): Entry {
  const { ended, digest, ruleStatus } = shown.alert.body;
  const marks = [
    ended && 'ended',
    digest && `${formatInteger(digest.alerts)} in one`,
    ruleStatus === 'experimental' && 'experimental: in the log only',
  ];
  const entry = element(
    'details',
    { class: 'alert' },
    element(
      'summary',
      {},
      levelMark(shown.level),
      element('span', { class: 'headline' }, untrustedText(shown.headline)),
      ...marks.map((text) => text && element('span', { class: 'note' }, text)),
      timeElement(shown.at),
    ),
  );
  const showOnce = () => {
    if (entry.open && entry.childElementCount === 1) entry.append(alertDetail(shown, byEnd));
  };
  entry.addEventListener('toggle', showOnce);
  return { entry, showOnce };
}

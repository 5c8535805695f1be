import { digits } from '../../../lambda/core/wording.ts';
import type { PairCounter } from '../../pair-counter.ts';
import { alertDetail } from './alert-detail.ts';
import { button, element, fill, logged, timed } from './element.ts';
import { levelMark } from './level-mark.ts';
import type { ShownAlert } from './shown-alert.ts';

const pageLength = 100;

export interface AlertList {
  readonly place: HTMLElement;
  update(alerts: readonly ShownAlert[]): void;
  /** Opens what is shown, up to so many, as for paper. */
  openAll(most: number): void;
}

/** The alerts, a line each that opens to all that is known of it; a hundred at first. */
export function alertList(byEnd: ReadonlyMap<string, readonly PairCounter[]>): AlertList {
  let alerts: readonly ShownAlert[] = [];
  const list = element('div', { class: 'alerts' });
  const more = button('', () => {
    const shown = list.childElementCount;
    append();
    (list.children[shown]?.firstElementChild as HTMLElement | undefined)?.focus();
  });
  const append = () => {
    const next = alerts.slice(list.childElementCount, list.childElementCount + pageLength);
    list.append(...next.map((one) => alertEntry(one, byEnd)));
    const left = alerts.length - list.childElementCount;
    more.hidden = left === 0;
    more.textContent = `Show ${digits(Math.min(left, pageLength))} more of ${digits(left)}`;
  };
  return {
    place: element('div', {}, list, more),
    update(all) {
      alerts = all;
      fill(list);
      append();
    },
    openAll(most) {
      for (const entry of [...list.children].slice(0, most)) (entry as HTMLDetailsElement).open = true;
    },
  };
}

function alertEntry(shown: ShownAlert, byEnd: ReadonlyMap<string, readonly PairCounter[]>): HTMLElement {
  const { ended, digest, ruleStatus } = shown.alert.body;
  const marks = [
    ended && 'ended',
    digest && `${digits(digest.alerts)} in one`,
    ruleStatus === 'experimental' && 'experimental: in the log only',
  ];
  const entry = element(
    'details',
    { class: 'alert' },
    element(
      'summary',
      {},
      levelMark(shown.level),
      element('span', { class: 'headline' }, logged(shown.headline)),
      ...marks.map((text) => text && element('span', { class: 'note' }, text)),
      timed(shown.at),
    ),
  );
  // `toggle` comes later: what is opened for paper must be there at once.
  const opened = new MutationObserver(() => show());
  opened.observe(entry, { attributes: true, attributeFilter: ['open'] });
  const show = () => {
    if (entry.open && entry.childElementCount === 1) entry.append(alertDetail(shown, byEnd));
  };
  return entry;
}

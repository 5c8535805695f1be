import type { PairCounter } from '../../statistics/pair-counter.ts';
import { button, element } from './element.ts';
import { alertsCsv, alertsJson, pairsCsv, pairsJson } from './exports.ts';
import type { KnownAddresses } from './known-addresses.ts';
import type { ShownAlert } from './shown-alert.ts';

/** A file that the page makes when it is asked for. */
interface Download {
  readonly name: string;
  readonly type: 'text/csv' | 'application/json';
  readonly content: () => string;
}

/** Makes the buttons that download the alerts in view. */
export function alertDownloads(found: () => readonly ShownAlert[], known: KnownAddresses): HTMLElement {
  return downloadButtons('these alerts', [
    { name: 'alerts.csv', type: 'text/csv', content: () => alertsCsv(found(), known) },
    { name: 'alerts.json', type: 'application/json', content: () => alertsJson(found()) },
  ]);
}

/** Makes the buttons that download the pairs in view. */
export function pairDownloads(found: () => readonly PairCounter[], known: KnownAddresses): HTMLElement {
  return downloadButtons('these pairs', [
    { name: 'pairs.csv', type: 'text/csv', content: () => pairsCsv(found(), known) },
    { name: 'pairs.json', type: 'application/json', content: () => pairsJson(found()) },
  ]);
}

/** Makes a button for each file. @param what the content in words, for assistive technology */
function downloadButtons(what: string, files: readonly Download[]): HTMLElement {
  const buttons = files.map((file) => {
    const format = file.type === 'text/csv' ? 'CSV' : 'JSON';
    return button(format, () => save(file), { class: 'copy', 'aria-label': `Download ${what} as ${format}` });
  });
  return element('div', { class: 'downloads' }, element('span', { class: 'label' }, `Download ${what}`), ...buttons);
}

function save({ name, type, content }: Download): void {
  const url = URL.createObjectURL(new Blob([content()], { type }));
  element('a', { href: url, download: name }).click();
  // The browser reads the content after the click.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

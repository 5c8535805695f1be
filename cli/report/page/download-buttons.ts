import { button, element } from './element.ts';

/** A file that the page makes when it is asked for. */
export interface Download {
  readonly name: string;
  readonly type: 'text/csv' | 'application/json';
  readonly content: () => string;
}

/** Makes a button for each file. @param what the content in words, for assistive technology */
export function downloadButtons(what: string, files: readonly Download[]): HTMLElement {
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

import type { Range } from './bins.ts';
import { button, element } from './element.ts';
import { isWhole, type Zoom, zoomed } from './zoom.ts';

/** Buttons and keys that change the range of time of a chart. */
export interface ZoomBar {
  readonly element: HTMLElement;
  /** Sets the range that the next click starts from. @param focus the middle after zooming in: see zoomed */
  show(shown: Range, focus?: number): void;
}

const names: readonly (readonly [Zoom, text: string, label: string, key: string])[] = [
  ['in', '+', 'Zoom in', '+'],
  ['out', '−', 'Zoom out', '-'],
  ['earlier', '‹', 'Earlier', 'ArrowLeft'],
  ['later', '›', 'Later', 'ArrowRight'],
  ['all', 'Show all', 'Show all time', '0'],
];

/**
 * Makes the buttons of a chart; in the chart and on the buttons, the keys `+`, `-`, `0` and the arrows do the same.
 *
 * @param name the chart in words
 * @param whole range of all data
 * @param choose receives the new range; undefined for the whole
 */
export function zoomBar(name: string, whole: Range, choose: (range: Range | undefined) => void): ZoomBar {
  let shown = whole;
  let middle: number | undefined;
  const change = (zoom: Zoom) => choose(zoomed(shown, whole, zoom, middle));
  const buttons = names.map(([zoom, text, label, key]) =>
    button(text, () => change(zoom), { 'aria-label': label, title: `${label} (key ${key})`, class: 'copy' }),
  );
  const bar = element('div', { class: 'zoom', role: 'group', 'aria-label': `Time of the chart: ${name}` }, ...buttons);
  bar.addEventListener('keydown', (event) => {
    const found = names.find(([, , , key]) => key === event.key);
    if (!found || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    change(found[0]);
  });
  return {
    element: bar,
    show(range, focus) {
      shown = range;
      middle = focus;
      for (const [index, [zoom]] of names.entries()) {
        // A disabled button would lose the focus of the keyboard.
        buttons[index]!.setAttribute('aria-disabled', String(isWhole(range, whole) && zoom !== 'in'));
      }
    },
  };
}

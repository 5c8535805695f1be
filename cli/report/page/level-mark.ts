import { element, untrustedText } from './element.ts';

/** Makes a label of a level in its colour. */
export function levelMark(level: string): HTMLElement {
  return element('span', { class: `level ${level}` }, untrustedText(level));
}

import { element, untrustedText } from './element.ts';

/** A level, in its colour and in words. */
export function levelMark(level: string): HTMLElement {
  return element('span', { class: `level ${level}` }, untrustedText(level));
}

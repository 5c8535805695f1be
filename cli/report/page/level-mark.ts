import { element, logged } from './element.ts';

/** A level, in its colour and in words. */
export function levelMark(level: string): HTMLElement {
  return element('span', { class: `level ${level}` }, logged(level));
}

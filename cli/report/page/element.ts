/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

import { byteSize, formatInteger, utc } from '../../../lambda/common/format-units.ts';
import type { Quantity } from '../../../lambda/common/quantity.ts';
import { printable } from '../../../lambda/common/text.ts';

export type Child = Node | string | false | undefined;
type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * An element. What is text becomes text, whatever it holds, and none of it turns the text around it or does not print;
 * `false` and undefined are left out.
 */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false && value !== undefined) made.setAttribute(name, value === true ? '' : printing(String(value)));
  }
  made.append(...present(children));
  return made;
}

/** Puts children in the place of those that are there. */
export function replaceChildren(parent: Element, ...children: readonly Child[]): void {
  parent.replaceChildren(...present(children));
}

function present(children: readonly Child[]): (Node | string)[] {
  const all = children.filter((child) => child !== false && child !== undefined);
  return all.map((child) => (typeof child === 'string' ? printing(child) : child));
}

/** Text of as many lines, with `?` for what does not print: see `printable` in lambda/common/text.ts. */
function printing(text: string): string {
  return text.replace(/[^\P{C}\n]|[\p{Zl}\p{Zp}]/gu, '?');
}

/** A button that does something. */
export function button(text: string, action: () => void, attributes: Attributes = {}): HTMLButtonElement {
  const made = element('button', { type: 'button', ...attributes }, text);
  made.addEventListener('click', action);
  return made;
}

/** Text out of a log or a rule: on one line, with nothing in it that does not print or turns the text around it. */
export function untrustedText(text: string): HTMLElement {
  return element('bdi', {}, printable(text));
}

/** Bytes for people, with all digits for those who point at it or copy the element. */
export function byteSizeElement(bytes: Quantity): HTMLElement {
  return element('data', { value: String(bytes), title: `${formatInteger(bytes)} bytes` }, byteSize(bytes));
}

/** A whole number with all its digits. */
export function integerElement(value: Quantity): HTMLElement {
  return element('data', { value: String(value) }, formatInteger(value));
}

/** A time in UTC, of epoch seconds. */
export function timeElement(seconds: number): HTMLElement {
  const text = utc(seconds);
  return element('time', { datetime: `${text.replace(' ', 'T')}Z` }, text);
}

/** A link to another site, where the text is the address of one. */
export function externalLink(url: string, text: string = url): HTMLElement {
  if (!/^https?:\/\//.test(url)) return untrustedText(text);
  return element('a', { href: url, rel: 'noreferrer noopener', target: '_blank' }, printable(text));
}

/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

import { byteSize, formatInteger, utc } from '../../../lambda/common/format-units.ts';
import type { Quantity } from '../../../lambda/common/quantity.ts';
import { printable } from '../../../lambda/common/text.ts';
import { isoTime } from '../../terminal/utc-time.ts';

export type Child = Node | string | false | undefined;
type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * Makes an element. Strings become text nodes without markup, and invisible or direction-changing characters become `?`.
 * `false` and undefined are left out.
 */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const created = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false && value !== undefined)
      created.setAttribute(name, value === true ? '' : printableLines(String(value)));
  }
  created.append(...present(children));
  return created;
}

/** Replaces the children of an element. */
export function replaceChildren(parent: Element, ...children: readonly Child[]): void {
  parent.replaceChildren(...present(children));
}

function present(children: readonly Child[]): (Node | string)[] {
  const all = children.filter((child) => child !== false && child !== undefined);
  return all.map((child) => (typeof child === 'string' ? printableLines(child) : child));
}

/** Replaces unprintable characters by `?` and retains line breaks: see `printable` in lambda/common/text.ts. */
function printableLines(text: string): string {
  return text.replace(/[^\P{C}\n]|[\p{Zl}\p{Zp}]/gu, '?');
}

/** Makes a button with an action. */
export function button(text: string, action: () => void, attributes: Attributes = {}): HTMLButtonElement {
  const created = element('button', { type: 'button', ...attributes }, text);
  created.addEventListener('click', action);
  return created;
}

/** Makes an element with text of a log or a rule, on one line and isolated from the direction of the text around it. */
export function untrustedText(text: string): HTMLElement {
  return element('bdi', {}, printable(text));
}

/** Makes a rounded byte size; its title and value have all digits. */
export function byteSizeElement(bytes: Quantity): HTMLElement {
  return element('data', { value: String(bytes), title: `${formatInteger(bytes)} bytes` }, byteSize(bytes));
}

/** Makes an integer with all digits. */
export function integerElement(value: Quantity): HTMLElement {
  return element('data', { value: String(value) }, formatInteger(value));
}

/** Makes a time in UTC. @param seconds epoch seconds */
export function timeElement(seconds: number): HTMLElement {
  return element('time', { datetime: isoTime(seconds) }, utc(seconds));
}

/** Makes a link to another site; plain text if the URL is not http or https. */
export function externalLink(url: string, text: string = url): HTMLElement {
  if (!/^https?:\/\//.test(url)) return untrustedText(text);
  return element('a', { href: url, rel: 'noreferrer noopener', target: '_blank' }, printable(text));
}

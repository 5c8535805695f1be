import { type Child, element } from './element.ts';

/** A part of the page under a heading. */
export function section(id: string, name: string, ...children: readonly Child[]): HTMLElement {
  return element('section', { id }, element('h2', { tabindex: -1 }, name), ...children);
}

/** A link within the page that leaves the filters in the address alone. */
export function jumpLink(id: string, text: string, kind?: string): HTMLElement {
  const link = element('a', { href: `#${id}`, class: kind }, text);
  link.addEventListener('click', (event) => {
    event.preventDefault();
    const target = document.getElementById(id)!;
    target.scrollIntoView();
    (target.querySelector<HTMLElement>('h2') ?? target).focus({ preventScroll: true });
  });
  return link;
}

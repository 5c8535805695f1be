import { type Child, element } from './element.ts';

/** Makes a section with a heading. */
export function section(id: string, name: string, ...children: readonly Child[]): HTMLElement {
  return element('section', { id }, element('h2', { tabindex: -1 }, name), ...children);
}

/** Makes a link within the page that does not change the filters in the URL. */
export function jumpLink(id: string, text: string, kind?: string): HTMLElement {
  const link = element('a', { href: `#${id}`, class: kind }, text);
  link.addEventListener('click', (event) => {
    event.preventDefault();
    const target = document.getElementById(id)!;
    const fold = target.querySelector<HTMLDetailsElement>(':scope > details');
    if (fold) fold.open = true;
    target.scrollIntoView();
    (target.querySelector<HTMLElement>('h2') ?? target).focus({ preventScroll: true });
  });
  return link;
}

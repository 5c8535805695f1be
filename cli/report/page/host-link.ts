import { printable } from '../../../lambda/common/text.ts';
import { type Child, element, untrustedText } from './element.ts';
import { isAddress } from './endpoints.ts';

/** Returns the URL fragment of the page of a host. */
export function hostHash(address: string): string {
  return `#host=${encodeURIComponent(address)}`;
}

/** Reads the address of a host from a URL fragment; undefined if the fragment is of the list of alerts. */
export function hostOfHash(hash: string): string | undefined {
  return new URLSearchParams(hash.replace(/^#/, '')).get('host') ?? undefined;
}

/** Makes an address with a link to its host; plain text if the text is not an address, such as `*` of a flood. */
export function hostLink(text: string, shown: string = text): HTMLElement {
  const code = element('code', {}, untrustedText(shown));
  return isAddress(text) ? element('a', { href: hostHash(text), class: 'host' }, code) : code;
}

/** A run of characters that may be an address, without the full stop or colon that ends a sentence; not a network. */
const candidate = /(?<![\w.:-])[\da-f][\da-f:.]*[\da-f:](?![\w/-])/gi;

/** Makes one line of text of a log or a rule, in which each address is a link to its host. */
export function linkedText(given: string): HTMLElement {
  const text = printable(given);
  const parts: Child[] = [];
  let end = 0;
  for (const { 0: found, index } of text.matchAll(candidate)) {
    const address = found.replace(/(?<!:):$/, '');
    if (!isAddress(address)) continue;
    parts.push(text.slice(end, index), element('a', { href: hostHash(address), class: 'host' }, address));
    end = index + address.length;
  }
  return element('bdi', {}, ...parts, text.slice(end));
}

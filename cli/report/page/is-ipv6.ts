/** Stands for `node:net` in the page, where lambda/networks/ip-address.ts asks for the syntax of IPv6: see report-html.ts. */

/** Returns whether a text is an IPv6 address, as `isIPv6` of `node:net` does, without a zone. */
export function isIPv6(text: string): boolean {
  if (!/^[\da-f:]*:[\da-f:.]*$/i.test(text)) return false;
  try {
    // The URL Standard parses the same syntax, RFC 4291 section 2.2.
    return new URL(`http://[${text}]`).hostname !== '';
  } catch {
    return false;
  }
}

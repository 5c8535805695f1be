import { printable } from '../common/text.ts';

/** Quotes text as one word of a POSIX shell. */
export function shellQuote(text: string): string {
  const printed = printable(text);
  return /^[\w./:=@-]+$/.test(printed) ? printed : `'${printed.replaceAll("'", "'\\''")}'`;
}

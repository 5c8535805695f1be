import { printable } from '../common/text.ts';

/** One word to a POSIX shell, whatever stands in it. */
export function shellQuote(text: string): string {
  const printed = printable(text);
  return /^[\w./:=@-]+$/.test(printed) ? printed : `'${printed.replaceAll("'", "'\\''")}'`;
}

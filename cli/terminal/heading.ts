import { styleText } from 'node:util';

/** A heading on standard output: bold on a terminal. */
export function heading(text: string): string {
  return styleText('bold', text, { stream: process.stdout });
}

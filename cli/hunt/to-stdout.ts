import { once } from 'node:events';

/** Writes on standard output, and waits where who reads it is slower. */
export async function toStdout(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

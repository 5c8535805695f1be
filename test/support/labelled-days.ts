import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import { scenarioOf } from '../../events/corpus.ts';
import { type DeliveredLine, deliveredLines } from '../../events/scenarios/delivery.ts';

/** Returns the lines of a labelled day in the order of their arrival. The first reader of a run generates the day. */
export function labelledDay(style: string): DeliveredLine[] {
  const path = join(inject('sharedFolder'), `${style}.txt`);
  if (!existsSync(path)) {
    const text = Array.from(deliveredLines(scenarioOf(style)), ({ arrival, line }) => `${arrival} ${line}\n`).join('');
    // Another worker may do the same at the same time: neither reads a file that is half written.
    const draft = `${path}.${process.pid}`;
    writeFileSync(draft, text);
    renameSync(draft, path);
  }
  return readFileSync(path, 'utf8').trimEnd().split('\n').map(deliveredLine);
}

function deliveredLine(text: string): DeliveredLine {
  const end = text.indexOf(' ');
  return { arrival: Number(text.slice(0, end)), line: text.slice(end + 1) };
}

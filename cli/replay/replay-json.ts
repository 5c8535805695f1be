import { writeQuantities } from '../../lambda/common/quantity.ts';
import { type PairCounter, pairJson } from '../statistics/pair-counter.ts';
import type { ReplayedFiles } from './replay-files.ts';

/**
 * What a replay came to, for programs: one document, in pieces, with a line for each file, pair and alert.
 *
 * @param alerts JSON texts; undefined where nothing was judged
 */
export function* replayJson(
  { files, records, period, isInterrupted }: ReplayedFiles,
  pairs: Iterable<PairCounter>,
  alerts?: readonly string[],
): Generator<string> {
  yield '{\n';
  yield* list('files', files.map(jsonOf));
  yield `  "records": ${jsonOf(records)},\n  "period": ${jsonOf(period ?? null)},\n`;
  if (isInterrupted) yield '  "interrupted": true,\n';
  yield* list('pairs', pairs, alerts ? undefined : '\n', pairJson);
  if (alerts) yield* list('alerts', alerts, '\n');
  yield '}\n';
}

const pieceLength = 16 * 1024;

/** A list with a line for each item, in pieces: to pass on each line by itself takes longer than to make it. */
function* list<T>(
  name: string,
  items: Iterable<T>,
  after = ',\n',
  textOf: (item: T) => string = String,
): Generator<string> {
  let text = `  "${name}": [`;
  let before = '\n';
  for (const item of items) {
    text += `${before}    ${textOf(item)}`;
    before = ',\n';
    if (text.length < pieceLength) continue;
    yield text;
    text = '';
  }
  yield `${text}${before === '\n' ? '' : '\n  '}]${after}`;
}

function jsonOf(value: unknown): string {
  return JSON.stringify(value, writeQuantities);
}

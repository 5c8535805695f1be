import { writeQuantities } from '../../lambda/core/quantity.ts';
import { type PairCounter, pairJson } from '../pair-counter.ts';
import type { ReplayedFiles } from './replay-files.ts';

/**
 * What a replay came to, for programs: one document, in pieces, with a line for each file, pair and alert.
 *
 * @param alerts JSON texts; undefined where nothing was judged
 */
export function* replayJson(
  { files, records, period, isInterrupted }: ReplayedFiles,
  pairs: readonly PairCounter[],
  alerts?: readonly string[],
): Generator<string> {
  yield '{\n';
  yield* list('files', files.map(jsonOf));
  yield `  "records": ${jsonOf(records)},\n  "period": ${jsonOf(period ?? null)},\n`;
  if (isInterrupted) yield '  "interrupted": true,\n';
  yield* list('pairs', pairs.values().map(pairJson), alerts ? undefined : '\n');
  if (alerts) yield* list('alerts', alerts, '\n');
  yield '}\n';
}

function* list(name: string, items: Iterable<string>, after = ',\n'): Generator<string> {
  yield `  "${name}": [`;
  let before = '\n';
  for (const item of items) {
    yield `${before}    ${item}`;
    before = ',\n';
  }
  yield `${before === '\n' ? '' : '\n  '}]${after}`;
}

function jsonOf(value: unknown): string {
  return JSON.stringify(value, writeQuantities);
}

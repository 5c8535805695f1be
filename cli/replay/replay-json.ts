import { writeQuantities } from '../../lambda/common/quantity.ts';
import { monitoringJson } from '../monitored-networks/left-out-text.ts';
import { type CountingOptions, countingJson } from './counting.ts';
import type { ReplayedFiles } from './replay-files.ts';

/**
 * Formats a replay as one JSON document, in chunks, with a line for each file, pair and alert.
 *
 * @param pairs JSON texts of pairs, or their bytes; one may have several pairs, as RankedPairs.json yields them
 * @param alerts JSON texts; undefined if no rules were evaluated
 * @param implausibleTimes number of flows that ended at an implausible time; omitted if zero
 * @param counting omitted with direct counting
 */
export function* replayJson(
  { files, records, monitoring, period, lateFlows, unseen, isInterrupted }: ReplayedFiles,
  pairs: Iterable<string | Uint8Array>,
  alerts?: readonly string[],
  implausibleTimes = 0,
  counting: CountingOptions = {},
): Generator<string | Uint8Array> {
  yield '{\n';
  yield* list('files', files.map(jsonOf));
  yield `  "records": ${jsonOf(records)},\n  "period": ${jsonOf(period ?? null)},\n`;
  for (const [name, value] of Object.entries(monitoring ? monitoringJson(monitoring) : {})) {
    yield `  "${name}": ${jsonOf(value)},\n`;
  }
  if (lateFlows > 0) yield `  "lateFlows": ${lateFlows},\n`;
  if (implausibleTimes > 0) yield `  "implausibleTimes": ${implausibleTimes},\n`;
  for (const [name, value] of Object.entries(countingJson(counting))) yield `  "${name}": ${jsonOf(value)},\n`;
  if (alerts) yield* list('unseen', unseen.map(jsonOf));
  if (isInterrupted) yield '  "interrupted": true,\n';
  yield* list('pairs', pairs, alerts ? undefined : '\n');
  if (alerts) yield* list('alerts', alerts, '\n');
  yield '}\n';
}

const chunkLength = 16 * 1024;

/** Writes a list with a line for each item, in chunks: passing on single lines takes longer than formatting them. */
function* list(name: string, items: Iterable<string | Uint8Array>, after = ',\n'): Generator<string | Uint8Array> {
  let text = `  "${name}": [`;
  let separator = '\n';
  for (const item of items) {
    text += `${separator}    `;
    separator = ',\n';
    if (typeof item === 'string') {
      text += item;
      if (text.length < chunkLength) continue;
    }
    yield text;
    text = '';
    if (typeof item !== 'string') yield item;
  }
  yield `${text}${separator === '\n' ? '' : '\n  '}]${after}`;
}

function jsonOf(value: unknown): string {
  return JSON.stringify(value, writeQuantities);
}

import { streamBounds } from '../../lambda/aggregate/plausible-time.ts';
import type { Batch } from '../../lambda/counters/batch.ts';
import type { KeyDelta } from '../../lambda/counters/delta.ts';
import { decodeRecord } from '../../lambda/decode/decode-record.ts';
import { type EventRecord, readEvent } from '../../lambda/decode/firehose-event.ts';
import { isCounted } from '../../lambda/flow-log/contribution.ts';
import { type ArrivedFlow, rowsOf } from '../../lambda/flow-log/flow-rows.ts';
import type { Format } from '../../lambda/flow-log/format.ts';
import { identifyBatch } from '../../lambda/parse/batch-identity.ts';
import { type Line, parseLineByField } from '../../lambda/parse/parse-line.ts';
import type { ReadRecord } from '../../lambda/parse/read-records.ts';
import type { Ports } from '../../lambda/pipeline.ts';
import { toLakeRow } from '../../lambda/respond/lake-row.ts';
import type { LoadedRules } from '../../lambda/rules/loaded.ts';
import { aggregateByFlow } from './aggregate-by-flow.ts';
import { countAndEvaluate } from './count-and-evaluate.ts';

const budget = { maxBytes: 16 * 1024 * 1024, maxLines: 200_000 };

/**
 * Creates a handler that does the same work the obvious way. It parses the JSON of each payload and splits each line at
 * the blanks. It checks each value, and matches each flow with each series of the rules. Its counts, evaluations and responses
 * equal those of the function.
 */
export function referenceHandler(formats: readonly Format[], rules: LoadedRules, ports: Ports) {
  return async (event: unknown): Promise<{ answers: string[]; deltas: readonly KeyDelta[] }> => {
    const { records } = readEvent(event);
    const lines = records.map(({ data }) => linesOf(data, formats));
    const flows = lines.flatMap((ofRecord, index) => {
      const arrival = records[index]!.arrival ?? 0;
      return ofRecord.flatMap((line) => (line.kind === 'flow' ? { flow: line.flow, arrival } : []));
    });
    const deltas = aggregateByFlow(flows, rules, streamBounds);
    await countAndEvaluate(deltas, batchOf(records, lines, flows), rules, ports);
    const answers = lines.map((ofRecord) => {
      const rowOf = (line: Line) =>
        toLakeRow(line, line.kind === 'flow' && isCounted(line.flow, rules.monitoredNetworks));
      return Buffer.from(ofRecord.map(rowOf).join('')).toString('base64');
    });
    return { answers, deltas };
  };
}

function linesOf(data: unknown, formats: readonly Format[]): Line[] {
  const { decoded } = decodeRecord(Buffer.from(String(data), 'base64'), budget);
  if (decoded.kind !== 'lines') return [];
  return decoded.lines.flatMap((line) => ('text' in line ? parseLineByField(line.text, formats) : []));
}

/** Returns what identifyBatch reads of a batch. */
function batchOf(records: readonly EventRecord[], lines: readonly Line[][], flows: readonly ArrivedFlow[]): Batch {
  const rows = rowsOf(flows);
  let toRow = 0;
  const read = records.map(({ recordId, data }, index): ReadRecord => {
    const fromRow = toRow;
    toRow += lines[index]!.filter(({ kind }) => kind === 'flow').length;
    return { recordId, data, outcome: { kind: 'lines' }, rows, fromRow, toRow };
  });
  return identifyBatch(records, { records: read, rows });
}

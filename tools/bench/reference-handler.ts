import { type Aggregate, aggregate } from '../../lambda/aggregate/aggregate.ts';
import { streamBounds } from '../../lambda/aggregate/plausible-time.ts';
import { decodeRecord } from '../../lambda/decode/decode-record.ts';
import { readEvent } from '../../lambda/decode/firehose-event.ts';
import type { Format } from '../../lambda/flow-log/format.ts';
import { identifyBatch } from '../../lambda/parse/batch-identity.ts';
import { type Line, parseLineByField } from '../../lambda/parse/parse-line.ts';
import type { ReadRecord } from '../../lambda/parse/read-records.ts';
import type { Ports } from '../../lambda/pipeline.ts';
import { toLakeRow } from '../../lambda/respond/lake-row.ts';
import type { LoadedRules } from '../../lambda/rules/loaded.ts';
import { countAndEvaluate } from './count-and-evaluate.ts';

const budget = { maxBytes: 16 * 1024 * 1024, maxLines: 200_000 };

/**
 * Creates a handler that does the same work the obvious way. It parses the JSON of each payload and splits each line at
 * the blanks. It checks each value, and matches each flow with each series of the rules. Its counts, evaluations and responses
 * equal those of the function.
 */
export function referenceHandler(formats: readonly Format[], loaded: LoadedRules, ports: Ports) {
  const allSeries = [...loaded.series.values()];
  const rules: LoadedRules = {
    ...loaded,
    seriesOf: (flow, time) => allSeries.filter((series) => series.matches(flow, time)),
  };
  return async (event: unknown): Promise<{ answers: string[]; aggregated: Aggregate }> => {
    const { records } = readEvent(event);
    const lines = records.map(({ data }) => linesOf(data, formats));
    const read = records.map(({ recordId, data }, index): ReadRecord => {
      return { recordId, data, outcome: { kind: 'lines', lines: lines[index]! } };
    });
    const flows = lines.flatMap((ofRecord, index) => {
      const arrival = records[index]!.arrival ?? 0;
      return ofRecord.flatMap((line) => (line.kind === 'flow' ? { flow: line.flow, arrival } : []));
    });
    const batch = identifyBatch(records, read);
    const aggregated = aggregate(flows, rules, streamBounds);
    await countAndEvaluate(aggregated.deltas, batch, rules, ports);
    const answers = lines.map((ofRecord) => {
      const text = ofRecord.map((line) => toLakeRow(line, rules.monitoredNetworks)).join('');
      return Buffer.from(text).toString('base64');
    });
    return { answers, aggregated };
  };
}

function linesOf(data: unknown, formats: readonly Format[]): Line[] {
  const { decoded } = decodeRecord(data, budget);
  if (decoded.kind !== 'lines') return [];
  return decoded.lines.flatMap((line) => ('text' in line ? parseLineByField(line.text, formats) : []));
}

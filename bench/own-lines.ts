import { scenarioOf } from '../events/scenarios/corpus.ts';
import { type DeliveredLine, deliveredLines } from '../events/scenarios/delivery.ts';
import { type EnvelopeName, type FirehoseEvent, firehoseEvent, wrapLines } from '../local/firehose-event.ts';

/**
 * Lines of the deployed flow logs' own format: a day of the labelled corpus' web shop from the middle on.
 *
 * @param bytes how many they have together at most, a line feed for each
 */
export function ownLines(bytes: number): DeliveredLine[] {
  const lines: DeliveredLine[] = [];
  let size = 0;
  let skipped = 0;
  for (const line of deliveredLines(scenarioOf('office'))) {
    if (skipped++ < 60_000) continue;
    size += line.line.length + 1;
    if (size > bytes) break;
    lines.push(line);
  }
  return lines;
}

/** One event of lines, in one envelope; of CloudWatch, in batches of 500 lines. */
export function eventOfLines(lines: readonly DeliveredLine[], envelope: EnvelopeName): FirehoseEvent {
  const arrival = lines.at(-1)!.arrival * 1000;
  return firehoseEvent(
    wrapLines(
      lines.map(({ line }) => line),
      envelope,
      arrival,
    ),
  );
}

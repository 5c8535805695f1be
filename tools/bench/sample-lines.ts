import type { EnvelopeName } from '../../emulators/envelope-names.ts';
import { type FirehoseEvent, firehoseEvent, wrapLines } from '../../emulators/firehose-event.ts';
import { scenarioOf } from '../../events/corpus.ts';
import { type DeliveredLine, deliveredLines } from '../../events/scenarios/delivery.ts';

/**
 * Returns lines in the deployed format: the office of the labelled corpus, from the middle of the day on.
 *
 * @param bytes the maximum total size, with a line feed for each line
 */
export function sampleLines(bytes: number): DeliveredLine[] {
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

/** Creates an event of lines in one envelope; `cloudwatch` has batches of 500 lines. */
export function eventOfLines(lines: readonly DeliveredLine[], envelope: EnvelopeName): FirehoseEvent {
  const arrival = lines.at(-1)!.arrival * 1000;
  const texts = lines.map(({ line }) => line);
  return firehoseEvent(wrapLines(texts, envelope, arrival));
}

/** Returns the first lines, as many as fit into an event of `bytes` bytes of JSON. */
export function linesThatFit(lines: readonly DeliveredLine[], envelope: EnvelopeName, bytes: number): DeliveredLine[] {
  const size = JSON.stringify(eventOfLines(lines, envelope)).length;
  return lines.slice(0, Math.floor(lines.length * Math.min(1, bytes / size) * 0.98));
}

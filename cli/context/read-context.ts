import { daySeconds } from '../../lambda/common/calendar.ts';
import { messageOf } from '../../lambda/common/errors.ts';
import { plural } from '../../lambda/common/text.ts';
import { timeOfEvent } from '../../lambda/context/context-event.ts';
import type { Ignored } from '../../lambda/context/read-event.ts';
import { readEventFile } from '../../lambda/context/read-event-file.ts';
import { BadLines } from '../flow-files/bad-lines.ts';
import { findFiles } from '../flow-files/find-files.ts';
import { decompressed } from '../flow-files/gunzip.ts';
import type { StoredFile } from '../flow-files/storage/stored-file.ts';
import { InputError } from '../terminal/input-error.ts';
import type { RunEvent } from './run-event.ts';

/** The most bytes of a file, decompressed: CloudTrail's files have some MB. */
const maxFileBytes = 256 * 1024 * 1024;

/** The events of files, and how many entries were ignored, by the reason. */
interface ReadEvents {
  readonly events: readonly RunEvent[];
  readonly ignored: ReadonlyMap<Ignored, number>;
}

/**
 * Reads context events: see readEvents.
 *
 * @throws InputError if no file has a finding or an API call; otherwise as readEvents
 */
export async function readContext(
  paths: readonly string[],
  hasSamples: boolean,
  signal?: AbortSignal,
): Promise<readonly RunEvent[]> {
  const { events, ignored } = await readEvents(paths, hasSamples, signal);
  if (events.length > 0 || [...ignored.keys()].some((reason) => reason !== 'another event')) {
    noteUnused(events.length, ignored);
    return events;
  }
  throw new InputError(
    `${paths.join(', ')}: nothing is a finding or an API call, expected log files of CloudTrail or findings of GuardDuty`,
  );
}

/** Says on standard error if nothing is left of what was read: alerts would say that nothing happened. */
function noteUnused(events: number, ignored: ReadonlyMap<Ignored, number>): void {
  if (events > 0) return;
  const samples = ignored.get('sample finding') ?? 0;
  const hint = samples > 0 ? `; ${plural(samples, 'sample finding')} would be read with --sample-findings` : '';
  process.stderr.write(`flow-sentinel: the context has no finding and no network change${hint}\n`);
}

/**
 * Reads log files of CloudTrail, and findings of GuardDuty as EventBridge, the export to S3 or the AWS CLI give them. Files are
 * plain or compressed with gzip. Reports what cannot be read on standard error, and reads the rest.
 *
 * @param paths files, folders or s3:// URIs
 * @param hasSamples whether sample findings count
 * @throws InputError if a path is missing; the reason of the signal
 */
export async function readEvents(
  paths: readonly string[],
  hasSamples: boolean,
  signal?: AbortSignal,
): Promise<ReadEvents> {
  const { files, problems } = await findFiles(paths, { signal });
  const bad = new BadLines('event', 'context files');
  for (const { name, problem } of problems) bad.add(name, problem);
  const events: RunEvent[] = [];
  const ignored = new Map<Ignored, number>();
  const latest = Date.now() / 1000 + daySeconds;
  for (const file of [...files].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    signal?.throwIfAborted();
    try {
      const read = readEventFile(await textOf(file), { samples: hasSamples });
      // One by one: a file may have more events than a call may have arguments.
      for (const [index, event] of read.events.entries()) {
        if (timeOfEvent(event) <= latest) events.push({ event, raw: read.raws[index] });
        else bad.add(file.name, `event ${event.id} is in the future`);
      }
      for (const [reason, count] of read.ignored) ignored.set(reason, (ignored.get(reason) ?? 0) + count);
      for (const { index, problem } of read.problems)
        bad.add(index === undefined ? file.name : `${file.name}: entry ${index}`, problem);
    } catch (error) {
      if (error instanceof InputError || signal?.aborted) throw error;
      bad.add(file.name, messageOf(error));
    }
  }
  bad.report();
  return { events, ignored };
}

async function textOf(file: StoredFile): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of decompressed(file.open())) {
    bytes += chunk.length;
    if (bytes > maxFileBytes) throw new InputError(`${file.name} has more than ${maxFileBytes / 1024 / 1024} MiB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

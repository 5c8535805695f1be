import { createHash } from 'node:crypto';
import { readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { scenarioOf } from '../../events/corpus.ts';
import { type DeliveredLine, deliveredLines } from '../../events/scenarios/delivery.ts';
import { shellQuote } from '../../lambda/alert/shell-quote.ts';
import { formatInteger } from '../../lambda/common/format-units.ts';
import { logFields } from '../../lambda/flow-log/deployed-format.ts';
import { fileErrorText } from '../terminal/file-error.ts';
import { InputError } from '../terminal/input-error.ts';
import { makeDirectories } from '../terminal/make-directories.ts';

const account = '123456789012';
const region = 'us-east-1';
const flowLog = 'fl-0a1b2c3d4e5f60718';

/**
 * Writes a labelled day of traffic, and sparse traffic of the days before, as VPC Flow Logs writes it to S3: gzip text with
 * a header line, one file an hour (VPC User Guide, "Flow log files").
 *
 * @throws InputError if the folder is not empty or cannot be written
 */
export function makeLogs(folder: string, { style }: { readonly style: string }): void {
  const counts = { files: 0, records: 0 };
  const scenario = scenarioOf(style);
  try {
    makeDirectories(folder);
    if (readdirSync(folder).length > 0) throw new InputError(`${folder} is not empty; name a new folder`);
    for (const { hour, lines } of hoursOf(deliveredLines(scenario))) {
      const text = `${[logFields.join(' '), ...lines].join('\n')}\n`;
      const path = join(folder, pathOf(hour, text));
      makeDirectories(dirname(path));
      writeFileSync(path, gzipSync(text));
      counts.files += 1;
      counts.records += lines.length;
    }
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`${folder} cannot be written: ${fileErrorText(error)}`);
  }
  const networks = scenario.style.network.cidrBlocks.join();
  process.stdout.write(
    `${folder}: ${formatInteger(counts.records)} records in ${formatInteger(counts.files)} files\n` +
      `Next: npx flow-sentinel replay ${shellQuote(folder)} --monitored-networks ${networks}\n`,
  );
}

/** Groups lines by the hour of their arrival, in hours since the epoch. */
function* hoursOf(delivered: Iterable<DeliveredLine>): Generator<{ hour: number; lines: string[] }> {
  let current: { hour: number; lines: string[] } | undefined;
  for (const { line, arrival } of delivered) {
    const hour = Math.floor(arrival / 3600);
    if (hour !== current?.hour) {
      if (current) yield current;
      current = { hour, lines: [] };
    }
    current.lines.push(line);
  }
  if (current) yield current;
}

function pathOf(hour: number, text: string): string {
  const time = new Date(hour * 3_600_000).toISOString();
  const [year, month, day] = time.slice(0, 10).split('-') as [string, string, string];
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 8);
  const name = `${account}_vpcflowlogs_${region}_${flowLog}_${year}${month}${day}T${time.slice(11, 13)}00Z_${hash}.log.gz`;
  return join('AWSLogs', account, 'vpcflowlogs', region, year, month, day, name);
}

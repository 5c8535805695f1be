import type { S3Client } from '@aws-sdk/client-s3';
import type { SQSClient } from '@aws-sdk/client-sqs';
import pMap from 'p-map';
import { DynamoJournal } from '../../lambda/aws/dynamo-journal.ts';
import { daySeconds, endOfDay } from '../../lambda/common/calendar.ts';
import { messageOf } from '../../lambda/common/errors.ts';
import { formatInteger, utc } from '../../lambda/common/format-units.ts';
import { printable } from '../../lambda/common/text.ts';
import { journalOutput } from '../counter-table/live-journal.ts';
import { queueOutput } from '../deployment/failed-records-queue.ts';
import { createLambdaClient, lambdaFunction, NotRun } from '../deployment/lambda-function.ts';
import { type StackOptions, stackOutputs } from '../deployment/stack-outputs.ts';
import { readErrorObject } from '../flow-files/formats/firehose-error-object.ts';
import { type TimeRange, type TimeRangeOptions, timeRangeOf } from '../flow-files/time-range.ts';
import { InputError } from '../terminal/input-error.ts';
import { table } from '../terminal/text-table.ts';
import { clearSignals, countSignals, type Signals, signalsText } from './failed-record-signals.ts';
import { type Lake, LakeBucket } from './lake.ts';
import type { ExpiredAction, OverflowedAction } from './redrive-actions.ts';
import {
  emptySummary,
  failedPrefix,
  isInTime,
  type RedrivePorts,
  type RedriveSettings,
  type RedriveSummary,
  redriveObject,
  textOfObject,
  unreadablePrefix,
} from './redrive-object.ts';

/** The options of a run; a range selects the objects of each day that it touches. */
export interface RedriveOptions extends StackOptions, TimeRangeOptions {
  /** Continuation of the error prefix, such as `day=2026-11-24/`; the empty string selects all objects. */
  readonly prefix: string;
  readonly targetPrefix: string;
  readonly expired: ExpiredAction;
  readonly overflowed: OverflowedAction;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** The AWS services that the command talks to. */
export interface RedriveClients {
  readonly s3: S3Client;
  readonly sqs: SQSClient;
}

/** Objects that are redriven at once. */
const objectsAtOnce = 4;

/** The result of a run. */
interface Redriven extends RedriveSummary {
  readonly objects: number;
  readonly problems: readonly Problem[];
}

/** An object that failed, and why. */
interface Problem {
  readonly key: string;
  readonly problem: string;
}

/**
 * Reprocesses the records that the stream could not transform, with progress on a terminal, and prints a summary. Then
 * deletes the signals of objects that are gone, which ends the alarm failed-records-pending.
 *
 * @returns whether nothing was left and nothing failed
 */
export async function redrive(options: RedriveOptions, clients?: RedriveClients): Promise<boolean> {
  const { targetPrefix, expired, overflowed } = options;
  if (!/^[\w=./-]*\/$/.test(targetPrefix) || /^(?:errors|flows\/parquet)\//.test(targetPrefix)) {
    const got = JSON.stringify(targetPrefix);
    throw new InputError(
      `--target-prefix is invalid: got ${got}, expected a prefix that ends in / and is not under errors/ or flows/parquet/`,
    );
  }
  const range = timeRangeOf(options);
  const { s3, sqs } = clients ?? (await createClients());
  const names = ['FlowLakeBucketName', 'DetectorFunctionName', 'DeliveryStreamArn', 'CounterRetentionDays'] as const;
  const outputs = await stackOutputs(options, names, [queueOutput, journalOutput]);
  const deliveryStreamArn = outputs.DeliveryStreamArn;
  const retentionSeconds = Number(outputs.CounterRetentionDays) * daySeconds;
  const ports = {
    lake: new LakeBucket(s3, outputs.FlowLakeBucketName),
    invoke: lambdaFunction(await createLambdaClient(), outputs.DetectorFunctionName),
    now: () => Math.floor(Date.now() / 1000),
  };
  const queue = { sqs, url: outputs[queueOutput], lake: ports.lake };
  const keys: string[] = [];
  for await (const key of ports.lake.list(`${failedPrefix}${options.prefix}`)) {
    if (range === undefined || hasDayIn(key, range)) keys.push(key);
  }
  if (options.dryRun) {
    const found = await survey(keys, ports.lake, ports.now(), retentionSeconds);
    print(options, found, surveyText(found, options), await countSignals(queue));
    return found.problems.length === 0;
  }
  const region = deliveryStreamArn.split(':')[3] ?? '';
  const settings = { origin: { deliveryStreamArn, region }, expired, overflowed, targetPrefix, retentionSeconds };
  const redriven = await redriveAll(keys, settings, ports, progress(keys.length));
  const isInJournal = redriven.batchesCounted > 0 && (await usesJournal(outputs[journalOutput]));
  const result = { ...redriven, ...(isInJournal && { counting: 'journal' }) };
  print(options, result, redrivenText(redriven, options, isInJournal), await clearSignals(queue));
  return redriven.problems.length === 0 && redriven.recordsLeft === 0;
}

function print({ json }: RedriveOptions, result: object, text: string, signals: Signals): void {
  process.stdout.write(
    json ? `${JSON.stringify({ ...result, signals }, null, 2)}\n` : `${text}${signalsText(signals)}`,
  );
}

/** Redrives objects. An object that fails remains, and the others continue, unless Lambda does not run the function. */
export async function redriveAll(
  keys: readonly string[],
  settings: RedriveSettings,
  ports: RedrivePorts,
  done: (objects: number) => void = () => {},
): Promise<Redriven> {
  const summary = emptySummary();
  const problems: Problem[] = [];
  let objects = 0;
  let isStopped = false;
  await pMap(
    keys,
    async (key) => {
      if (isStopped) return;
      try {
        await redriveObject(key, settings, ports, summary);
      } catch (error) {
        problems.push({ key, problem: messageOf(error) });
        isStopped ||= error instanceof NotRun;
      }
      objects += 1;
      done(objects);
    },
    { concurrency: objectsAtOnce },
  );
  return { objects, ...summary, problems };
}

/** Returns whether batches of the stack use the journal, or may use it: a note too many is harmless. */
async function usesJournal(table: string | undefined): Promise<boolean> {
  if (table === undefined) return false;
  const { DynamoDBClient } = await import('@aws-sdk/client-dynamodb');
  const dynamoDb = new DynamoDBClient({});
  try {
    const journal = new DynamoJournal(dynamoDb, table);
    return (await journal.laneSets(Math.floor(Date.now() / 1000), new AbortController().signal)).length > 0;
  } catch {
    return true;
  } finally {
    dynamoDb.destroy();
  }
}

async function createClients(): Promise<RedriveClients> {
  const [{ S3Client }, { SQSClient }] = await Promise.all([
    import('@aws-sdk/client-s3'),
    import('@aws-sdk/client-sqs'),
  ]);
  return { s3: new S3Client({}), sqs: new SQSClient({}) };
}

/** The content of the error prefix. */
interface Survey {
  readonly objects: number;
  readonly recordsAnswered: number;
  readonly batchesInTime: number;
  readonly batchesLate: number;
  readonly recordsInBatches: number;
  readonly linesUnknown: number;
  /** The number of batches for each last error. */
  readonly reasons: Readonly<Record<string, number>>;
  readonly problems: readonly Problem[];
}

async function survey(keys: readonly string[], lake: Lake, now: number, retentionSeconds: number): Promise<Survey> {
  const found = { recordsAnswered: 0, batchesInTime: 0, batchesLate: 0, recordsInBatches: 0, linesUnknown: 0 };
  const reasons = new Map<string, number>();
  const problems: Problem[] = [];
  for (const key of keys) {
    try {
      const { answered, batches, unknown } = readErrorObject(textOfObject(await lake.read(key)));
      found.recordsAnswered += answered.length;
      found.linesUnknown += unknown.length;
      for (const batch of batches) {
        found[isInTime(batch, now, retentionSeconds) ? 'batchesInTime' : 'batchesLate'] += 1;
        found.recordsInBatches += batch.records.length;
        reasons.set(batch.reason, (reasons.get(batch.reason) ?? 0) + 1);
      }
    } catch (error) {
      problems.push({ key, problem: messageOf(error) });
    }
  }
  return { objects: keys.length, ...found, reasons: Object.fromEntries(reasons), problems };
}

function surveyText(found: Survey, selection: Selection): string {
  if (found.objects === 0) return nothingText(selection);
  const rows: [string, number][] = [
    ['objects', found.objects],
    ['records that the function answered as failed', found.recordsAnswered],
    ['batches given up, in time for exact counts', found.batchesInTime],
    ['batches given up, expired: see --expired', found.batchesLate],
    ['records in these batches', found.recordsInBatches],
    ['lines that Firehose did not write', found.linesUnknown],
  ];
  const reasons = Object.entries(found.reasons).map(([reason, batches]) => `  ${batches} x ${printable(reason)}\n`);
  return `${countTable(rows)}${reasons.length > 0 ? 'Why batches were given up\n' : ''}${reasons.join('')}${problemsText(found.problems, 'cannot be read')}`;
}

/** The options that select objects. */
type Selection = Pick<RedriveOptions, 'prefix' | 'from' | 'to'>;

function nothingText({ prefix, from, to }: Selection): string {
  const range = [
    ...(from === undefined ? [] : [` from ${utc(from)}`]),
    ...(to === undefined ? [] : [` before ${utc(to)}`]),
  ];
  return `There is nothing under ${printable(`${failedPrefix}${prefix}`)}${range.join('')}.\n`;
}

/** Returns whether a range touches the UTC day in an object's key; false without a day (lib/lake/lake-bucket.ts). */
function hasDayIn(key: string, { from, to }: TimeRange): boolean {
  const end = endOfDay(/\/day=([^/]*)\//.exec(key)?.[1] ?? '');
  return end !== undefined && end > from && end - daySeconds < to;
}

function problemsText(problems: readonly Problem[], what: string): string {
  const shown = problems
    .slice(0, shownProblems)
    .map(({ key, problem }) => `  ${printable(key)}: ${printable(problem)}\n`);
  return problems.length > 0 ? `${formatInteger(problems.length)} objects ${what}:\n${shown.join('')}` : '';
}

const shownProblems = 10;

function redrivenText(redriven: Redriven, selection: Selection, isInJournal: boolean): string {
  if (redriven.objects === 0) return nothingText(selection);
  const rows: [string, number][] = [
    ['objects', redriven.objects],
    [`batches counted${isInJournal ? ', or put into the journal' : ''}`, redriven.batchesCounted],
    [`records counted${isInJournal ? ', or put into the journal' : ''}`, redriven.recordsCounted],
    ['records stored without counting', redriven.recordsPassedOn],
    ['records that an earlier run had finished', redriven.recordsDone],
    [`records that cannot be read, now under ${unreadablePrefix}`, redriven.recordsUnreadable],
    ['records left', redriven.recordsLeft],
  ];
  const left =
    redriven.recordsLeft > 0
      ? `${formatInteger(redriven.batchesLeft)} batches are left. They may have been counted in part. --expired count counts them (again), and
--expired store does not. Only store handles a batch in which an earlier run stopped: docs/operate/redrive.md.\n`
      : '';
  const later = isInJournal
    ? 'The stack counts by a journal: the next flush counts these batches and alerts, within countEvery and a minute.\n'
    : '';
  return `${countTable(rows)}${later}${left}${problemsText(redriven.problems, 'failed and stay')}`;
}

function countTable(rows: readonly [string, number][]): string {
  return table(
    ['what', 'how many'],
    rows.map(([what, count]) => [what, formatInteger(count)]),
    [1],
  );
}

function progress(all: number): (objects: number) => void {
  if (!process.stderr.isTTY) return () => {};
  return (objects) => {
    const end = objects === all ? '\n' : '';
    process.stderr.write(`\r${formatInteger(objects)} of ${formatInteger(all)} objects\u001b[K${end}`);
  };
}

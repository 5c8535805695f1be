import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import pMap from 'p-map';
import { flushProcesses } from '../../lambda/journal/lane.ts';
import { itemReader } from '../counter-table/counter-table.ts';
import { type journalOutput, openJournal } from '../counter-table/live-journal.ts';
import type { Invoke } from '../deployment/lambda-function.ts';

/** The output with the name of the function that counts the journal (lib/detector/flush-function.ts). */
export const flushOutput = 'FlushFunctionName';

/** The outputs that a stack with a journal has. */
export type JournalOutputs = Partial<Record<typeof journalOutput | typeof flushOutput, string>>;

/** Invocations at once; each flushes four of 128 lanes. */
const invocationsAtOnce = 8;

/**
 * Flushes the journal of a stack if a counter waits there.
 *
 * @param invoke invokes the function that counts the journal
 * @param onFound called before the flush
 * @returns the problems that the flush reports; undefined if nothing of the counter waits in a journal
 */
export async function flushIfWaiting(
  pk: string,
  dynamoDb: DynamoDBClient,
  tables: { readonly counters: string; readonly journal: string },
  invoke: Invoke,
  onFound: () => void,
): Promise<string[] | undefined> {
  const journal = await openJournal(dynamoDb, tables.journal, itemReader(dynamoDb, tables.counters));
  const present = await journal?.present(pk, async () => undefined);
  if (!journal || !present || present.waiting === 0) return undefined;
  onFound();
  const processes = flushProcesses(Math.max(...journal.sets));
  const tasks = Array.from({ length: processes }, (_, index) => ({ index, processes, force: true }));
  const reports = await pMap(tasks, invoke, { concurrency: invocationsAtOnce });
  return reports.flatMap((report) => (report as { problems?: string[] } | null)?.problems ?? []);
}

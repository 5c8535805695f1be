import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { startLocalStack } from '../../emulators/local-stack.ts';
import { FlowError, messageOf } from '../../lambda/common/errors.ts';
import { environmentNames } from '../../lambda/config.ts';
import type { Item } from '../../lambda/count/counter-item.ts';
import { type StackOptions, stackOutputs } from '../deployment/stack-outputs.ts';
import { InputError } from '../terminal/input-error.ts';
import { journalOutput, type LiveJournal, openJournal } from './live-journal.ts';
import { openCounterFolder, putItems, readStoredItems } from './local-table-folder.ts';
import { type ScanOptions, type ScanResult, scanItems } from './scan-table.ts';
import { DynamoSilences, type Silences } from './silences.ts';

/** The table of a command: the counter table of a deployed stack, or the stored items of an embedded one. */
export interface TableOptions extends StackOptions {
  /** The folder with the stored items (default: the deployed stack). */
  readonly local?: string;
}

/** The counter table that a command works on. */
export interface LiveTable extends Silences {
  /** Whether the items are from a folder. */
  readonly isLocal: boolean;
  read(pk: string): Promise<Item | undefined>;
  scan(options: ScanOptions, each: (item: Item) => void): Promise<ScanResult>;
  /** The journal; undefined if the stack counts directly, or the items are from a folder. */
  readonly journal: LiveJournal | undefined;
}

/**
 * Runs the work on a counter table.
 *
 * @param writes whether to store the items of an embedded table in its folder afterwards
 * @throws InputError if the stack, the table or the folder is missing, or access is denied
 */
export async function withCounterTable<T>(
  options: TableOptions,
  work: (table: LiveTable) => Promise<T>,
  { writes = false }: { readonly writes?: boolean } = {},
): Promise<T> {
  if (options.local !== undefined) return withStoredItems(options.local, work, writes);
  const dynamoDb = new DynamoDBClient({});
  try {
    const outputs = await stackOutputs(options, ['PairTableName'] as const, [journalOutput]);
    const { PairTableName, [journalOutput]: journalTable } = outputs;
    const readItem = itemReader(dynamoDb, PairTableName);
    const journal = await openJournal(dynamoDb, journalTable, readItem).catch((error: unknown) => {
      throw tableProblem(error, journalTable!);
    });
    return await work(tableOf(dynamoDb, PairTableName, false, journal)).catch((error: unknown) => {
      throw tableProblem(error, PairTableName);
    });
  } finally {
    dynamoDb.destroy();
  }
}

async function withStoredItems<T>(folder: string, work: (table: LiveTable) => Promise<T>, writes: boolean): Promise<T> {
  const stored = writes ? await openCounterFolder(folder, { isNew: false }) : undefined;
  const items = stored?.items ?? (await readStoredItems(folder));
  const stack = await startLocalStack().catch(async (error: unknown) => {
    await stored?.discard();
    throw error;
  });
  try {
    const tableName = stack.environment[environmentNames.tableName]!;
    await putItems(items, stack.clients.dynamoDb, tableName);
    const result = await work(tableOf(stack.clients.dynamoDb, tableName, true));
    await stored?.save(await stack.items());
    return result;
  } catch (error) {
    await stored?.discard();
    throw error;
  } finally {
    await stack.stop();
  }
}

function tableOf(
  client: DynamoDBClient,
  tableName: string,
  isLocal: boolean,
  journal: LiveJournal | undefined = undefined,
): LiveTable {
  const silences = new DynamoSilences(client, tableName);
  const readItem = itemReader(client, tableName);
  return {
    isLocal,
    journal,
    silence: (pk, silence) => silences.silence(pk, silence),
    unsilence: (pk, rule) => silences.unsilence(pk, rule),
    scan: (options, each) => scanItems(client, tableName, options, each),
    read: (pk) => readItem({ pk: { S: pk } }),
  };
}

/** Returns a strongly consistent read of a table's items. */
export function itemReader(client: DynamoDBClient, tableName: string): (key: Item) => Promise<Item | undefined> {
  return async (key) => {
    const get = new GetItemCommand({ TableName: tableName, Key: key as never, ConsistentRead: true });
    return (await client.send(get)).Item as Item | undefined;
  };
}

const refusals = /AccessDenied|UnrecognizedClient|InvalidSignature|ExpiredToken|CredentialsProvider|KMSAccessDenied/;

/** Returns an InputError if the table is missing or access is denied, which the user can fix; else the error itself. */
function tableProblem(error: unknown, tableName: string): unknown {
  const { name } = (error instanceof FlowError ? error.cause : error) as Error;
  if (name === 'ResourceNotFoundException') {
    return new InputError(
      `the table ${tableName} does not exist in this account and region; check --stack, --outputs and the region`,
    );
  }
  return refusals.test(name)
    ? new InputError(
        `access to the table ${tableName} is denied: ${messageOf(error)} (docs/operate/live-counters.md has the permissions)`,
      )
    : error;
}

/** Returns the current time in epoch seconds; for a folder, whose flows may be old, the end of its last flow. */
export async function currentTime(live: LiveTable): Promise<number> {
  const now = Math.floor(Date.now() / 1000);
  return live.isLocal ? ((await latestSeen(live)) ?? now) : now;
}

/** Returns the end of the last flow in epoch seconds; undefined without flows. Reads the complete table. */
async function latestSeen(table: LiveTable): Promise<number | undefined> {
  let latest: number | undefined;
  await table.scan({ attributes: ['pk', 'lastSeen'] }, ({ lastSeen }) => {
    if (lastSeen && 'N' in lastSeen) latest = Math.max(latest ?? 0, Number(lastSeen.N));
  });
  return latest;
}

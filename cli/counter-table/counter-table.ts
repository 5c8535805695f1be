import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { SNSClient } from '@aws-sdk/client-sns';
import { startLocalStack } from '../../emulators/local-stack.ts';
import { messageOf } from '../../lambda/common/errors.ts';
import { environmentNames } from '../../lambda/config.ts';
import type { Item } from '../../lambda/count/counter-item.ts';
import { type StackOptions, stackOutputs } from '../deployment/stack-outputs.ts';
import { InputError } from '../terminal/input-error.ts';
import { openCounterFolder, putItems, readStoredItems } from './local-table-folder.ts';
import { type ScanResult, type ScanOptions, scanItems } from './scan-table.ts';
import { DynamoSilences, type Silences } from './silences.ts';

/** Which table a command is about: that of a deployed stack, or what a folder keeps of an embedded one. */
export interface TableOptions extends StackOptions {
  readonly local?: string;
}

/** The AWS services that a command on a deployed stack talks to. */
export interface LiveClients {
  readonly dynamoDb: DynamoDBClient;
  signing(): SNSClient;
}

/** The counters where they are. */
export interface LiveTable extends Silences {
  readonly isLocal: boolean;
  read(pk: string): Promise<Item | undefined>;
  scan(options: ScanOptions, each: (item: Item) => void): Promise<ScanResult>;
}

/**
 * Works on a table of counters; the embedded one is put back into its folder afterwards if the work says so.
 *
 * @throws InputError when there is no such stack, table or folder, or it may not be read
 */
export async function withCounterTable<T>(
  options: TableOptions,
  work: (table: LiveTable) => Promise<T>,
  { writes = false, clients = createClients }: { readonly writes?: boolean; readonly clients?: () => LiveClients } = {},
): Promise<T> {
  if (options.local !== undefined) return onKept(options.local, work, writes);
  const { dynamoDb, signing } = clients();
  try {
    const { PairTableName } = await stackOutputs(options, ['PairTableName'] as const, signing);
    return await work(tableOf(dynamoDb, PairTableName, false)).catch((error: unknown) => {
      throw tableProblem(error, PairTableName);
    });
  } finally {
    dynamoDb.destroy();
  }
}

async function onKept<T>(folder: string, work: (table: LiveTable) => Promise<T>, writes: boolean): Promise<T> {
  const kept = writes ? await openCounterFolder(folder, { isNew: false }) : undefined;
  const items = kept?.items ?? (await readStoredItems(folder));
  const stack = await startLocalStack().catch(async (error: unknown) => {
    await kept?.discard();
    throw error;
  });
  try {
    const tableName = stack.environment[environmentNames.tableName]!;
    await putItems(items, stack.clients.dynamoDb, tableName);
    const done = await work(tableOf(stack.clients.dynamoDb, tableName, true));
    await kept?.save(await stack.items());
    return done;
  } catch (error) {
    await kept?.discard();
    throw error;
  } finally {
    await stack.stop();
  }
}

function tableOf(client: DynamoDBClient, tableName: string, isLocal: boolean): LiveTable {
  const silences = new DynamoSilences(client, tableName);
  return {
    isLocal,
    silence: (pk, silence) => silences.silence(pk, silence),
    unsilence: (pk, rule) => silences.unsilence(pk, rule),
    scan: (options, each) => scanItems(client, tableName, options, each),
    async read(pk) {
      const get = new GetItemCommand({ TableName: tableName, Key: { pk: { S: pk } }, ConsistentRead: true });
      return (await client.send(get)).Item as Item | undefined;
    },
  };
}

const refusals = /AccessDenied|UnrecognizedClient|InvalidSignature|ExpiredToken|CredentialsProvider|KMSAccessDenied/;

/** What AWS says of a table that is not there, or of a user who may not use it, is for the user to mend. */
function tableProblem(error: unknown, tableName: string): unknown {
  const name = error instanceof Error ? error.name : '';
  if (name === 'ResourceNotFoundException') {
    return new InputError(`there is no table ${tableName} in this account and region: is it the stack's?`);
  }
  return refusals.test(name)
    ? new InputError(
        `the table ${tableName} may not be used: ${messageOf(error)} (docs/operate/live-counters.md has the permissions)`,
      )
    : error;
}

function createClients(): LiveClients {
  return { dynamoDb: new DynamoDBClient({}), signing: () => new SNSClient({}) };
}

/** Now; in a folder, which may keep what is long past, when its last flow ended. */
export async function currentTime(live: LiveTable): Promise<number> {
  const now = Math.floor(Date.now() / 1000);
  return live.isLocal ? ((await latestSeen(live)) ?? now) : now;
}

/** When the last flow of all ended, in epoch seconds; undefined where none was counted. Reads the whole table. */
async function latestSeen(table: LiveTable): Promise<number | undefined> {
  let latest: number | undefined;
  await table.scan({ attributes: ['pk', 'lastSeen'] }, ({ lastSeen }) => {
    if (lastSeen && 'N' in lastSeen) latest = Math.max(latest ?? 0, Number(lastSeen.N));
  });
  return latest;
}

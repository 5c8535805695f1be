import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { CreateTableCommand, DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { counterTableSchema } from '../local/counter-table.ts';

/**
 * The folder of Amazon's DynamoDB Local, where `.ci/run` has put it; undefined elsewhere, and then the tests that need it
 * are skipped. In CI a missing one is a failure.
 */
export const dynamoDbLocal: string | undefined = locate();

function locate(): string | undefined {
  const folder = process.env.DYNAMODB_LOCAL ?? join(import.meta.dirname, '../.cache/dynamodb-local');
  if (existsSync(join(folder, 'DynamoDBLocal.jar'))) return folder;
  if (process.env.CI) throw new Error(`DynamoDB Local is missing in ${folder}: .ci/run puts it there`);
  process.stderr.write('DynamoDB Local is not here, so its tests are skipped; .ci/run fetches it.\n');
  return undefined;
}

/** Starts DynamoDB Local in memory, with the counter table. */
export async function startDynamoDbLocal(folder: string) {
  const port = await freePort();
  const args = [
    `-Djava.library.path=${folder}/DynamoDBLocal_lib`,
    '-jar',
    'DynamoDBLocal.jar',
    '-inMemory',
    '-port',
    String(port),
  ];
  const server = spawn('java', args, { cwd: folder, stdio: 'ignore' });
  const client = new DynamoDBClient({
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    endpoint: `http://127.0.0.1:${port}`,
    maxAttempts: 1,
  });
  for (let answered = false; !answered; ) {
    if (server.exitCode !== null) throw new Error(`DynamoDB Local ended with ${server.exitCode}`);
    answered = await client.send(new ListTablesCommand()).then(
      () => true,
      () => new Promise<false>((resolve) => setTimeout(resolve, 100, false)),
    );
  }
  const tableName = 'counters';
  await client.send(new CreateTableCommand({ TableName: tableName, ...counterTableSchema }));
  return {
    client,
    tableName,
    async stop() {
      client.destroy();
      server.kill();
      if (server.exitCode === null) await once(server, 'exit');
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port is free');
  return address.port;
}

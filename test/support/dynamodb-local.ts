import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { DynamoDbServer } from '../../emulators/local-stack.ts';

/**
 * The folder of Amazon's DynamoDB Local, where `.ci/run` has put it; undefined elsewhere, and then the tests that need it
 * are skipped. In CI a missing one is a failure.
 */
export const dynamoDbLocal: string | undefined = locate();

function locate(): string | undefined {
  const folder = process.env.DYNAMODB_LOCAL ?? join(import.meta.dirname, '../../.cache/dynamodb-local');
  if (existsSync(join(folder, 'DynamoDBLocal.jar'))) return folder;
  if (process.env.CI) throw new Error(`DynamoDB Local is missing in ${folder}: .ci/run puts it there`);
  process.stderr.write('DynamoDB Local is not here, so its tests are skipped; .ci/run fetches it.\n');
  return undefined;
}

/** Starts DynamoDB Local in memory. */
export async function startDynamoDbLocal(folder: string): Promise<DynamoDbServer> {
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const args = [
    `-Djava.library.path=${folder}/DynamoDBLocal_lib`,
    '-jar',
    'DynamoDBLocal.jar',
    '-inMemory',
    '-port',
    String(port),
  ];
  const server = spawn('java', args, { cwd: folder, stdio: 'ignore' });
  for (let answers = false; !answers; ) {
    if (server.exitCode !== null) throw new Error(`DynamoDB Local ended with ${server.exitCode}`);
    answers = await fetch(endpoint).then(
      () => true,
      () => setTimeout(100, false),
    );
  }
  return {
    endpoint,
    async stop() {
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

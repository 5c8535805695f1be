import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { DynamoDbServer } from '../../emulators/local-stack.ts';

/**
 * The folder of Amazon's DynamoDB Local, which `.ci/run` downloads. If it is undefined, the tests on DynamoDB Local are
 * skipped; in CI a missing folder is an error.
 */
export const dynamoDbLocal: string | undefined = locate();

function locate(): string | undefined {
  const folder = process.env.DYNAMODB_LOCAL ?? join(import.meta.dirname, '../../.cache/dynamodb-local');
  if (existsSync(join(folder, 'DynamoDBLocal.jar'))) return folder;
  if (process.env.CI) throw new Error(`DynamoDB Local is missing in ${folder}: run .ci/run, which downloads it`);
  process.stderr.write('DynamoDB Local is missing, so its tests are skipped; .ci/run downloads it.\n');
  return undefined;
}

/** Starts DynamoDB Local, which stores its data in memory. */
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
  for (let isReady = false; !isReady; ) {
    if (server.exitCode !== null) throw new Error(`DynamoDB Local exited with ${server.exitCode}`);
    isReady = await fetch(endpoint).then(
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

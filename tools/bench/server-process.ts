import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { DynamoDbServer } from '../../emulators/local-stack.ts';

/** Starts a server of servers/ in a separate process, which sends its port. Rejects if the process ends. */
export async function startServerProcess(file: string, args: readonly string[] = []): Promise<DynamoDbServer> {
  const server = fork(join(import.meta.dirname, 'servers', file), args);
  const port = await new Promise<number>((resolve, reject) => {
    server.once('message', (message) => resolve(message as number));
    server.once('exit', (code) => reject(new Error(`${file} ended with ${code}`)));
  });
  return {
    endpoint: `http://127.0.0.1:${port}`,
    async stop() {
      server.kill();
      if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
    },
  };
}

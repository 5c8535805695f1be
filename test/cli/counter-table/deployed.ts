import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { environmentNames } from '../../../lambda/config.ts';
import { type Laptop, startLaptop } from '../../support/handler-on-laptop.ts';
import { describeStacksAnswer } from '../deployment/describe-stacks-answer.ts';

/** The embedded stack in place of AWS, behind a server that records the requests. */
export interface Deployed {
  readonly laptop: Laptop;
  /** A file in the format of `cdk deploy --outputs-file`. */
  readonly outputs: string;
  /** The distinct IAM actions of the requests so far. */
  readonly actions: Set<string>;
  stop(): Promise<void>;
}

const variables = ['DYNAMODB', 'CLOUDFORMATION'].map((service) => `AWS_ENDPOINT_URL_${service}`);

/**
 * Starts the stack, and points the environment of this process to it.
 *
 * @param lanes the number of lanes of the journal; 0 for a stack of a former version, without a journal
 */
export async function startDeployed(lanes = 0): Promise<Deployed> {
  const more: Record<string, string> = lanes === 0 ? {} : { [environmentNames.countLanes]: String(lanes) };
  const laptop = await startLaptop(undefined, undefined, more);
  const names = {
    PairTableName: laptop.environment[environmentNames.tableName]!,
    ...(lanes > 0 && { JournalTableName: laptop.environment[environmentNames.journalTableName]! }),
  };
  const target = await laptop.clients.dynamoDb.config.endpoint!();
  const actions = new Set<string>();
  const server = createServer(async (incoming, outgoing) => {
    const [, operation] = /^DynamoDB_\d+\.(\w+)$/.exec(String(incoming.headers['x-amz-target'])) ?? [];
    if (operation === undefined) {
      actions.add(`cloudformation:${new URLSearchParams(await text(incoming)).get('Action')}`);
      outgoing.end(describeStacksAnswer(names));
      return;
    }
    actions.add(`dynamodb:${operation}`);
    const { method, headers, url } = incoming;
    const passedOn = request({ hostname: target.hostname, port: target.port, path: url, method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(outgoing);
    });
    passedOn.on('error', () => outgoing.destroy());
    incoming.pipe(passedOn);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  for (const name of variables) process.env[name] = endpoint;
  Object.assign(process.env, { AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' });
  const folder = mkdtempSync(join(tmpdir(), 'flow-sentinel-live-'));
  const outputs = join(folder, 'outputs.json');
  writeFileSync(outputs, JSON.stringify({ FlowSentinel: names }));
  return {
    laptop,
    outputs,
    actions,
    async stop() {
      for (const name of variables) delete process.env[name];
      server.closeAllConnections();
      server.close();
      await laptop.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

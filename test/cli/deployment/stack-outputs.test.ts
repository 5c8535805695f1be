import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { stackOutputs } from '../../../cli/deployment/stack-outputs.ts';
import { InputError } from '../../../cli/terminal/input-error.ts';
import { describeStacksAnswer, refusedAnswer } from './describe-stacks-answer.ts';

let server: Server;
let bodies: string[];
let answer: { status: number; body: string };

beforeEach(async () => {
  bodies = [];
  server = createServer(async (request, response) => {
    bodies.push(await text(request));
    response.writeHead(answer.status).end(answer.body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  vi.stubEnv('AWS_ENDPOINT_URL_CLOUDFORMATION', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'local');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local');
});

afterEach(() => {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  server.close();
});

describe('stackOutputs', () => {
  it('reads outputs from CloudFormation when their values contain markup', async () => {
    answer = { status: 200, body: describeStacksAnswer({ Table: 'a &amp; &lt;b&gt; &quot;c&quot;', Other: 'x' }) };
    expect(await stackOutputs({ stack: 'My-Stack' }, ['Table'])).toMatchObject({ Table: 'a & <b> "c"' });
    expect(Object.fromEntries(new URLSearchParams(bodies[0]))).toMatchObject({
      Action: 'DescribeStacks',
      StackName: 'My-Stack',
    });
  });

  it('returns an optional output only when the stack has it', async () => {
    answer = { status: 200, body: describeStacksAnswer({ Table: 'x', Queue: 'y', Other: 'z' }) };
    expect(await stackOutputs({ stack: 'S' }, ['Table'], ['Queue', 'Missing'])).toEqual({ Table: 'x', Queue: 'y' });
  });

  it('names the missing outputs when the stack is of another version', async () => {
    answer = { status: 200, body: describeStacksAnswer({ Table: 'x' }) };
    await expect(stackOutputs({ stack: 'S' }, ['Table', 'Topic', 'Stream'])).rejects.toThrow(
      new InputError('the stack S has no output Topic, Stream: deploy it again with this version'),
    );
  });

  it.each([
    [400, refusedAnswer('ValidationError', 'Stack with id S does not exist'), 'Stack with id S does not exist'],
    [403, refusedAnswer('AccessDenied', 'you may not'), 'you may not'],
  ])('throws an InputError with the message of CloudFormation when it answers %i', async (status, body, message) => {
    answer = { status, body };
    await expect(stackOutputs({ stack: 'S' }, ['Table'])).rejects.toThrow(
      new InputError(`the outputs of the stack S cannot be read: ${message}`),
    );
  });

  it('throws an InputError when the shell has no region', async () => {
    vi.stubEnv('AWS_REGION', undefined);
    vi.stubEnv('AWS_CONFIG_FILE', '/dev/null');
    await expect(stackOutputs({ stack: 'S' }, ['Table'])).rejects.toThrow(/^no region is set; set AWS_REGION/);
    expect(bodies).toEqual([]);
  });
});

import { SQSClient } from '@aws-sdk/client-sqs';
import { type FauxqsServer, startFauxqs } from 'fauxqs';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ContextTelemetry } from '../../lambda/aws/context-telemetry.ts';
import { createEc2Client } from '../../lambda/aws/ec2-describe.ts';
import { environmentNames } from '../../lambda/config.ts';
import type { GuardDutyFinding } from '../../lambda/context/context-event.ts';
import { type ContextItem, readEntry } from '../../lambda/context/context-table.ts';
import { createContextHandler, type FollowUps } from '../../lambda/context-handler.ts';
import { type Ec2Server, startEc2Server } from '../cli/collect/ec2-server.ts';
import type { Json } from '../cli/collect/ec2-xml.ts';
import { commandsOn } from '../support/commands-on.ts';
import {
  changeEvent,
  changeOf,
  eventTime,
  findingEvent,
  findingOf,
  openedGroup,
  remoteDetails,
  timeAfter,
} from '../support/context-events.ts';
import { createContextTable, type LocalContextTable } from '../support/context-table.ts';
import { described } from '../support/describe-answers.ts';
import { sharedStack } from '../support/shared-stack.ts';

const stack = sharedStack();
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
const functionArn = 'arn:aws:lambda:eu-west-1:111122223333:function:context';
const queue = 'context';
const now = eventTime + 30;

let ec2: Ec2Server;
let server: FauxqsServer;
let sqs: SQSClient;
let queueUrl: string;
let table: LocalContextTable;
let tables = 0;

beforeAll(async () => {
  ec2 = await startEc2Server();
  server = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false, defaultRegion: 'eu-west-1' });
  queueUrl = server.createQueue(queue).queueUrl;
  sqs = new SQSClient({ region: 'eu-west-1', credentials, endpoint: `http://127.0.0.1:${server.port}` });
});
afterAll(async () => {
  sqs.destroy();
  await server.stop();
  ec2.stop();
});

const unreadable = vi.spyOn(ContextTelemetry.prototype, 'unreadable');
const unresolved = vi.spyOn(ContextTelemetry.prototype, 'unresolved');
const handled = vi.spyOn(ContextTelemetry.prototype, 'handled');
beforeEach(async () => {
  vi.clearAllMocks();
  tables += 1;
  table = await createContextTable(stack(), `context-${tables}`);
  ec2.requests.length = 0;
  ec2.refuse = () => undefined;
  ec2.regions['eu-west-1'] = {};
});

/** Starts a process of the function. */
function contextFunction(followUps?: FollowUps) {
  const clients = {
    dynamoDb: stack().clients.dynamoDb,
    ec2: createEc2Client({ region: 'eu-west-1', credentials, endpoint: ec2.endpoint }),
    sqs,
  };
  const environment = {
    [environmentNames.contextTableName]: table.name,
    [environmentNames.contextQueueUrl]: queueUrl,
    [environmentNames.contextDays]: '2',
  };
  const handler = createContextHandler(environment, clients, followUps, () => now);
  return (events: readonly unknown[], remaining = 60_000, looks?: number) => {
    const Records = events.map((event, index) => ({
      messageId: `message-${index}`,
      body: typeof event === 'string' ? event : JSON.stringify(event),
      messageAttributes: looks === undefined ? {} : { looks: { stringValue: String(looks), dataType: 'Number' } },
    }));
    return handler({ Records }, { getRemainingTimeInMillis: () => remaining, invokedFunctionArn: functionArn });
  };
}

const byPartition = async (pk: string) => (await table.read()).filter((item) => item.pk === pk);
const entriesOf = (items: readonly ContextItem[]) => items.flatMap((item) => readEntry(item) ?? []);
const ok = { batchItemFailures: [] };
const opened = (group = 'sg-0a1b2c3d4e5f60718') => changeEvent(openedGroup(group));

describe('the function that stores context events', () => {
  it('stores a finding once when it is delivered three times, an older state after a newer one, and again by an administrator', async () => {
    const send = contextFunction();
    const at = (seconds: number, remote: string) =>
      findingOf({
        updatedAt: timeAfter(seconds),
        service: {
          count: seconds,
          eventLastSeen: timeAfter(seconds),
          action: { networkConnectionAction: { remoteIpDetails: remoteDetails(remote) } },
        },
      });
    const [older, newer] = [at(10, '203.0.113.9'), at(20, '203.0.113.10')];
    const ofAdministrator = findingEvent(newer, { account: '444455556666' });
    for (const event of [newer, older, older, newer].map((one) => findingEvent(one)).concat(ofAdministrator)) {
      expect(await send([event])).toEqual(ok);
    }
    const state = (await table.read()).filter(({ sk }) => sk === 'state');
    expect(state).toHaveLength(1);
    const stored = JSON.parse(state[0]!.json) as GuardDutyFinding;
    expect(stored).toMatchObject({ count: 20, last: eventTime + 20, remotes: ['203.0.113.10', '203.0.113.9'] });
    const latest = entriesOf(await byPartition('interface#eni-0a1b2c3d4e5f60718'));
    expect(latest).toEqual([stored]);
    expect(state[0]!.expiresAt).toBe(now + 2 * 86_400);
  });

  it('stores the opening of a group by the interfaces that have the group', async () => {
    const group = 'sg-0a1b2c3d4e5f60718';
    const one = { ...described(), NetworkInterfaceId: 'eni-0b', Groups: [{ GroupId: group, GroupName: 'web' }] };
    ec2.regions['eu-west-1'] = { interfaces: [one as Json] };
    const send = contextFunction();
    await send([opened()]);
    await send([opened()]);
    const [request] = ec2.requests;
    expect(request).toMatchObject({ operation: 'DescribeNetworkInterfaces', parameters: { MaxResults: '100' } });
    for (const pk of ['interface#eni-0b', `group#${group}`, 'address#vpc-0a#10.0.1.5']) {
      expect(entriesOf(await byPartition(pk))).toMatchObject([{ kind: 'change', hosts: [{ interface: 'eni-0b' }] }]);
    }
    const [[results]] = handled.mock.calls as [[unknown]];
    expect(results).toEqual([{ kind: 'stored', ageSeconds: 30 }]);
  });

  it('stores a change of a network ACL and of a route table by their subnets', async () => {
    const [acl, rtb] = ['acl-0a1b2c3d4e5f60718', 'rtb-0a1b2c3d4e5f60718'];
    ec2.regions['eu-west-1'] = {
      acls: [{ NetworkAclId: acl, VpcId: 'vpc-0a', Associations: [{ SubnetId: 'subnet-0a' }] }],
      routeTables: [{ RouteTableId: rtb, VpcId: 'vpc-0a', Associations: [{ Main: false, SubnetId: 'subnet-0b' }] }],
    };
    const route = { routeTableId: rtb, destinationCidrBlock: '0.0.0.0/0', gatewayId: 'igw-0a' };
    await contextFunction()([
      changeEvent(changeOf('DeleteNetworkAclEntry', { networkAclId: acl, ruleNumber: 100, egress: false })),
      changeEvent(changeOf('CreateRoute', route, { _return: true }, { eventID: '1b-2c' })),
    ]);
    expect(await byPartition('subnet#subnet-0a')).toHaveLength(1);
    expect(await byPartition('subnet#subnet-0b')).toHaveLength(1);
  });

  it.each([
    ['RequestLimitExceeded', 503],
    ['UnauthorizedOperation', 403],
  ])('stores a change without its places when EC2 answers %s, after one attempt', async (code, status) => {
    ec2.refuse = () => ({ status, code, message: 'no' });
    expect(await contextFunction()([opened()])).toEqual(ok);
    expect(ec2.requests).toHaveLength(1);
    expect(unresolved).toHaveBeenCalledTimes(1);
    expect(await byPartition('group#sg-0a1b2c3d4e5f60718')).toHaveLength(1);
  });

  it.each([
    ['another account', { recipientAccountId: '444455556666' }],
    ['another Region', { awsRegion: 'us-east-1' }],
  ])('does not ask EC2 about a change of %s', async (_, values) => {
    await contextFunction()([changeEvent({ ...openedGroup('sg-0a1b2c3d4e5f60718'), ...values })]);
    expect(ec2.requests).toEqual([]);
    expect(await byPartition('group#sg-0a1b2c3d4e5f60718')).toHaveLength(1);
  });

  it('gives up what cannot be read or is no context, and stores the others of the batch', async () => {
    const items = Array.from({ length: 200 }, (_, n) => ({
      instanceId: `i-${n}`,
      networkInterfaceSet: {
        networkInterfaceId: `eni-${n}`,
        privateIpAddressesSet: Array.from({ length: 60 }, (_, m) => ({ privateIpAddress: `10.0.${m}.${n}` })),
      },
    }));
    const huge = changeOf('RunInstances', {}, { instancesSet: { items } });
    const events = [
      'no JSON',
      '7',
      findingEvent({}),
      changeEvent(huge),
      { ...opened(), source: 'custom' },
      findingEvent(findingOf({ service: { additionalInfo: { sample: true } } })),
      opened(),
    ];
    expect(await contextFunction()(events)).toEqual(ok);
    const kinds = handled.mock.calls[0]![0].map((result) => ('reason' in result ? result.reason : result.kind));
    const gone = ['unreadable', 'unreadable', 'unreadable', 'unreadable'];
    expect(kinds).toEqual([...gone, 'another source', 'sample finding', 'stored']);
    expect(unreadable.mock.calls[0]).toEqual(['message-0', expect.stringMatching(/^it is not JSON: /)]);
    expect(unreadable.mock.calls.some(([, problem]) => problem.startsWith('it is too large: got '))).toBe(true);
  });

  it('returns only the message that failed to the queue', async () => {
    let puts = 0;
    commandsOn(stack(), table.name, ({ command }) => {
      if (command !== 'BatchWriteItemCommand') return undefined;
      puts += 1;
      return puts === 1 ? Promise.reject(new Error('no')) : undefined;
    });
    const other = changeEvent({ ...openedGroup('sg-0b1b2c3d4e5f60718'), eventID: '1b-2c' });
    const { batchItemFailures } = await contextFunction()([opened(), other]);
    expect(batchItemFailures).toHaveLength(1);
    expect(await table.read()).toHaveLength(1);
  });

  it('returns all messages when no time is left', async () => {
    const { batchItemFailures } = await contextFunction()([opened(), opened()], 0);
    expect(batchItemFailures).toHaveLength(2);
    expect(await table.read()).toEqual([]);
  });

  it('looks at an event again after the time that is asked for, at most 900 seconds, and not without an end', async () => {
    const asked: (number | boolean)[] = [];
    const send = contextFunction({
      async after({ event, raw, isFirst }, at) {
        expect([event, raw]).toMatchObject([{ kind: 'change' }, { eventID: event.id }]);
        asked.push(at, isFirst);
        return { lookAgainSeconds: 5000 };
      },
    });
    await send([opened()]);
    const { delayed } = server.inspectQueue(queue)!.messages;
    expect(delayed.map(({ body }) => JSON.parse(body))).toEqual([opened()]);
    expect(delayed[0]!.messageAttributes.looks).toMatchObject({ StringValue: '1' });
    expect(delayed[0]!.delayUntil! - delayed[0]!.sentTimestamp).toBe(900_000);
    await send([opened()], 60_000, 96);
    expect(server.inspectQueue(queue)!.messages.delayed).toHaveLength(1);
    expect(asked).toEqual([now, true, now, false]);
    expect(handled.mock.calls[1]![0]).toEqual([{ kind: 'again' }]);
  });

  it('returns a message to the queue when what follows fails', async () => {
    const send = contextFunction({ after: () => Promise.reject(new Error('no')) });
    expect((await send([opened()])).batchItemFailures).toEqual([{ itemIdentifier: 'message-0' }]);
  });

  it.each([undefined, null, {}, { Records: [null, {}] }])(
    'ignores an invocation without messages: %j',
    async (event) => {
      const environment = {
        [environmentNames.contextTableName]: table.name,
        [environmentNames.contextQueueUrl]: queueUrl,
      };
      const clients = { dynamoDb: stack().clients.dynamoDb, ec2: createEc2Client({ region: 'eu-west-1' }), sqs };
      const context = { getRemainingTimeInMillis: () => 60_000, invokedFunctionArn: functionArn };
      expect(await createContextHandler(environment, clients)(event, context)).toEqual(ok);
    },
  );

  it('names each missing variable when it starts', () => {
    expect(() => createContextHandler({}, undefined as never)).toThrow(
      /CONTEXT_TABLE_NAME is missing: .*; CONTEXT_QUEUE_URL is missing: /,
    );
  });
});

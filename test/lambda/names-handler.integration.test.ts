import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createEc2Client } from '../../lambda/aws/ec2-describe.ts';
import { EmfTelemetry } from '../../lambda/aws/emf-telemetry.ts';
import { NameTelemetry } from '../../lambda/aws/name-telemetry.ts';
import { environmentNames } from '../../lambda/config.ts';
import { createNamesHandler } from '../../lambda/names-handler.ts';
import { type Ec2Server, startEc2Server } from '../cli/collect/ec2-server.ts';
import type { Json } from '../cli/collect/ec2-xml.ts';
import { expectAlertBody } from '../support/alert-schema.ts';
import { commandsOn } from '../support/commands-on.ts';
import { described } from '../support/describe-answers.ts';
import { eventOf, formatOf, lineOf } from '../support/flows.ts';
import { laptopOn } from '../support/handler-on-laptop.ts';
import { createNameTable, type LocalNameTable } from '../support/name-table.ts';
import { sharedStack } from '../support/shared-stack.ts';

const stack = sharedStack();
const [eni, otherEni, vpc] = ['eni-0a1b2c3d', 'eni-0b1b2c3d', 'vpc-0a1b2c3d'];
const format = `${formatOf('${version} ${srcaddr} ${dstaddr}').names.join(' ')} ${[
  'srcport dstport protocol packets bytes start end action log-status interface-id vpc-id flow-direction',
].join()}`;
const hour = 3600;
const start = 1_796_000_000;

let ec2: Ec2Server;
let table: LocalNameTable;
let tables = 0;
let now: number;

beforeAll(async () => {
  ec2 = await startEc2Server();
});
afterAll(() => ec2.stop());

const unread = vi.spyOn(EmfTelemetry.prototype, 'namesUnread');
const unasked = vi.spyOn(EmfTelemetry.prototype, 'namesUnasked');
const lookedUp = vi.spyOn(NameTelemetry.prototype, 'lookedUp');
beforeEach(() => vi.clearAllMocks());
beforeEach(async () => {
  tables += 1;
  table = await createNameTable(stack(), `names-${tables}`);
  now = start;
  ec2.requests.length = 0;
  ec2.refuse = () => undefined;
  ec2.regions['us-east-1'] = { interfaces: [web()], reservations: [instance('i-0a1b2c3d', 'web-1')] };
});

function web(values: Record<string, unknown> = {}): Json {
  const attachment = { InstanceId: 'i-0a1b2c3d', AttachTime: '2026-01-01T00:00:00.000Z' };
  const address = {
    PrivateIpAddress: '10.0.2.7',
    PrivateIpAddresses: [{ PrivateIpAddress: '10.0.2.7', Primary: true }],
  };
  return { ...described(), NetworkInterfaceId: eni, VpcId: vpc, Attachment: attachment, ...address, ...values } as Json;
}

function instance(id: string, name: string): Json {
  return {
    Instances: [
      {
        InstanceId: id,
        Tags: [
          { Key: 'Name', Value: name },
          { Key: 'Owner', Value: 'shop' },
        ],
      },
    ],
  };
}

function namesFunction() {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = createEc2Client({ region: 'us-east-1', credentials, endpoint: ec2.endpoint });
  const environment = { [environmentNames.nameTableName]: table.name };
  return createNamesHandler(environment, { dynamoDb: stack().clients.dynamoDb, ec2: client }, () => now);
}

/** Starts a stack with the table of names; each call is a process that remembers no request. */
function detector(more: Record<string, string> = {}) {
  return laptopOn(stack(), format, undefined, { [environmentNames.nameTableName]: table.name, ...more });
}

let ports = 40_000;
/** Returns an event of refused packets of an outside address to one inside, which alert. */
function rejects(values: Record<string, string> = {}) {
  const base = { srcaddr: '203.0.113.9', dstaddr: '10.0.2.7', action: 'REJECT', 'interface-id': eni, 'vpc-id': vpc };
  const line = () => {
    ports += 1;
    return lineOf({ ...base, 'flow-direction': 'ingress', srcport: ports, ...values }, formatOf(format));
  };
  return eventOf(Array.from({ length: 12 }, line));
}

function alertsOf(laptop: ReturnType<typeof detector>) {
  const all = laptop.alerts().filter(({ attributes }) => attributes.rule === 'repeated_rejects');
  return all.map(({ text, body }) => {
    expectAlertBody(JSON.parse(body));
    return { who: text.split('\n').find((line) => line.startsWith('Who: ')), body: JSON.parse(body) };
  });
}

const requests = () => ec2.requests.map(({ operation }) => operation);

describe('names of a deployed stack', () => {
  it('says that a name is not looked up yet, and has it in the next alert', async () => {
    const laptop = detector();
    await laptop.send(rejects());
    expect(alertsOf(laptop)).toMatchObject([
      { who: `Who: ${eni} not looked up yet`, body: { names: { interfaces: [], unknownInterfaces: [eni] } } },
    ]);
    expect(await table.deliver(namesFunction())).toBe(2);
    expect(requests().sort()).toEqual(['DescribeInstances', 'DescribeNetworkInterfaces', 'DescribeNetworkInterfaces']);
    await laptop.send(rejects({ srcaddr: '203.0.113.10' }));
    const [, second] = alertsOf(laptop);
    expect(second!.who).toBe('Who: 10.0.2.7 is instance web-1 (i-0a1b2c3d), owner shop. As of 2026-11-30 00:53:20 UTC');
    expect(second!.body.evidences[0].dst_endpoint).toMatchObject({ name: 'web-1', owner: { name: 'shop' } });
  });

  it('asks for the address inside and the interface, and never for the address outside', async () => {
    await detector().send(rejects());
    const wanted = (await table.items()).map(({ wanted }) => wanted!.S);
    expect(wanted.sort()).toEqual([`address#${vpc}#10.0.2.7`, `interface#${eni}`]);
  });

  it('neither reads nor asks for a name when a batch has no finding', async () => {
    const sent = commandsOn(stack(), table.name);
    await detector().send(eventOf([lineOf({ 'interface-id': eni, 'vpc-id': vpc }, formatOf(format))]));
    expect(sent).toEqual([]);
  });

  it('reads once for a batch, and asks once in ten minutes', async () => {
    const laptop = detector();
    const sent = commandsOn(stack(), table.name);
    await laptop.send(rejects());
    await laptop.send(rejects({ srcaddr: '203.0.113.10' }));
    expect(sent).toEqual(['BatchGetItemCommand', 'PutItemCommand', 'PutItemCommand', 'BatchGetItemCommand']);
  });

  it('names addresses of the journal too', async () => {
    const laptop = detector({ [environmentNames.countLanes]: '16' });
    await laptop.send(rejects());
    await laptop.flush();
    expect(alertsOf(laptop)).toMatchObject([{ who: `Who: ${eni} not looked up yet` }]);
    expect(await table.deliver(namesFunction())).toBe(2);
    await laptop.send(rejects({ srcaddr: '203.0.113.10' }));
    await laptop.flush();
    expect(alertsOf(laptop)[1]!.who).toMatch(/^Who: 10\.0\.2\.7 is instance web-1 \(i-0a1b2c3d\), owner shop\. As of/);
  });

  it.each([
    ['throttled', 'ProvisionedThroughputExceededException'],
    ['denied', 'AccessDeniedException'],
    ['failing', 'InternalServerError'],
  ])('sends the alert once without a name when the table is %s, after one attempt', async (_, name) => {
    const laptop = detector();
    const sent = commandsOn(stack(), table.name, () =>
      Promise.reject(Object.assign(new Error('no'), { name, $retryable: {} })),
    );
    await laptop.send(rejects());
    expect(alertsOf(laptop)).toMatchObject([{ who: undefined }]);
    expect(sent).toEqual(['BatchGetItemCommand']);
    expect(unread).toHaveBeenCalledTimes(1);
    await laptop.send(rejects());
    expect(alertsOf(laptop)).toHaveLength(1);
  });

  it('sends the alert once without a name when the table does not answer', async () => {
    const laptop = detector();
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const sent = commandsOn(stack(), table.name, ({ request }) => {
      request.port = (silent.address() as AddressInfo).port;
      return undefined;
    });
    const event = rejects();
    await laptop.send(event);
    await laptop.send(event);
    expect(alertsOf(laptop)).toMatchObject([{ who: undefined }]);
    expect(sent).toEqual(['BatchGetItemCommand']);
    expect(unread).toHaveBeenCalledTimes(1);
    silent.closeAllConnections();
    silent.close();
  });

  it('reports requests that fail, and has sent the alert', async () => {
    const laptop = detector();
    commandsOn(stack(), table.name, ({ command }) =>
      command === 'PutItemCommand' ? Promise.reject(new Error('no')) : undefined,
    );
    await laptop.send(rejects());
    expect(alertsOf(laptop)).toHaveLength(1);
    expect(unasked).toHaveBeenCalledExactlyOnceWith(2, 'no');
  });

  it.each([
    ['RequestLimitExceeded', 503, 'throttled', 'EC2 throttled it'],
    ['UnauthorizedOperation', 403, 'denied', 'EC2 denied it'],
    ['InternalError', 500, 'failed', 'EC2 did not answer'],
  ])('says why there is no name when EC2 answers %s, after one attempt', async (code, status, result, text) => {
    const laptop = detector();
    ec2.refuse = () => ({ status, code, message: 'no' });
    await laptop.send(rejects());
    await table.deliver(namesFunction());
    expect(requests()).toEqual(['DescribeNetworkInterfaces', 'DescribeNetworkInterfaces']);
    expect(lookedUp).toHaveBeenCalledExactlyOnceWith([result, result]);
    await laptop.send(rejects({ srcaddr: '203.0.113.10' }));
    expect(alertsOf(laptop)[1]!.who).toBe(`Who: ${eni} not looked up, ${text} at 2026-11-30 00:53:20 UTC`);
  });

  it('writes down that EC2 did not answer when a call has no end, and keeps the name that it had', async () => {
    const key = `interface#${eni}`;
    await request(key);
    await table.deliver(namesFunction());
    now += hour;
    ec2.refuse = () => new Promise(() => {});
    await request(key);
    await table.deliver(namesFunction());
    const entry = (await table.items()).find(({ pk }) => pk!.S === key)!.entry!.S!;
    expect(JSON.parse(entry)).toMatchObject({
      holder: { name: 'web-1', time: start },
      missing: { reason: 'failed', time: start + hour },
    });
  });

  it('says that an interface is not found, and looks it up again after ten minutes only', async () => {
    ec2.regions['us-east-1'] = {};
    const laptop = detector();
    await laptop.send(rejects());
    await table.deliver(namesFunction());
    await laptop.send(rejects({ srcaddr: '203.0.113.10' }));
    expect(alertsOf(laptop)[1]).toMatchObject({
      who: `Who: ${eni} not found at 2026-11-30 00:53:20 UTC`,
      body: { names: { lookups: [{ interface: eni, result: 'not found', time: start }] } },
    });
    const calls = ec2.requests.length;
    await request(`interface#${eni}`);
    now += 599;
    await table.deliver(namesFunction());
    expect(ec2.requests).toHaveLength(calls);
    now += 1;
    await request(`interface#${eni}`);
    await table.deliver(namesFunction());
    expect(ec2.requests).toHaveLength(calls + 1);
  });

  it('says who had an address before, until when, and that a holder is gone', async () => {
    const laptop = detector();
    await laptop.send(rejects());
    await table.deliver(namesFunction());
    now += hour;
    const later = web({
      NetworkInterfaceId: otherEni,
      Attachment: { InstanceId: 'i-0b1b2c3d', AttachTime: '2026-01-01T00:00:00.000Z' },
    });
    ec2.regions['us-east-1'] = { interfaces: [later], reservations: [instance('i-0b1b2c3d', 'web-2')] };
    await request(`address#${vpc}#10.0.2.7`, `interface#${otherEni}`);
    await table.deliver(namesFunction());
    await laptop.send(rejects({ srcaddr: '203.0.113.10', 'interface-id': otherEni }));
    expect(alertsOf(laptop)[1]!.who).toBe(
      'Who: 10.0.2.7 is instance web-2 (i-0b1b2c3d), owner shop, until 2026-11-30 00:53:20 UTC or later instance web-1 (i-0a1b2c3d), owner shop. As of 2026-11-30 01:53:20 UTC',
    );
    now += hour;
    ec2.regions['us-east-1'] = {};
    await request(`address#${vpc}#10.0.2.7`, `interface#${otherEni}`);
    await table.deliver(namesFunction());
    await laptop.send(rejects({ srcaddr: '203.0.113.11', 'interface-id': otherEni }));
    expect(alertsOf(laptop)[2]!.who).toMatch(
      /^Who: 10\.0\.2\.7 was instance web-2 .*, gone by 2026-11-30 02:53:20 UTC\. As of 2026-11-30 01:53:20 UTC$/,
    );
  });

  it('names an IPv6 address inside by its own filter', async () => {
    const ipv6 = { Ipv6Addresses: [{ Ipv6Address: 'fd00::5' }] };
    ec2.regions['us-east-1'] = { ...ec2.regions['us-east-1'], interfaces: [web(ipv6)] };
    const laptop = detector();
    const values = { srcaddr: '2001:db8::9', dstaddr: 'fd00::5' };
    await laptop.send(rejects(values));
    await table.deliver(namesFunction());
    const filters = ec2.requests.map(({ parameters }) => parameters['Filter.1.Name']);
    expect(filters).toContain('ipv6-addresses.ipv6-address');
    await laptop.send(rejects({ ...values, srcaddr: '2001:db8::a' }));
    expect(alertsOf(laptop)[1]!.who).toMatch(/^Who: fd00::5 is instance web-1/);
  });

  it('names addresses of records without a VPC by the VPC of their interface', async () => {
    const [ofDefault, pair] = [
      '${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${log-status}',
      { srcaddr: '203.0.113.9', dstaddr: '10.0.2.7', 'interface-id': eni, action: 'REJECT' },
    ];
    const laptop = laptopOn(stack(), ofDefault, undefined, { [environmentNames.nameTableName]: table.name });
    const event = (srcaddr: string) =>
      eventOf(Array.from({ length: 12 }, (_, n) => lineOf({ ...pair, srcaddr, srcport: 50_000 + n })));
    await laptop.send(event('203.0.113.9'));
    await table.deliver(namesFunction());
    await laptop.send(event('203.0.113.10'));
    expect(alertsOf(laptop)[1]!.who).toMatch(/^Who: 10\.0\.2\.7 is instance web-1/);
  });

  it('stores hostile tags short and on one line, in items below 4 KB', async () => {
    const hostile = `Robert'); DROP\n"\\\u202e${'\u{1f4a9}'.repeat(120)}`;
    const groups = Array.from({ length: 16 }, () => ({ GroupId: 'sg-0a1b2c3d', GroupName: hostile }));
    ec2.regions['us-east-1'] = {
      interfaces: [web({ Groups: groups })],
      reservations: [instance('i-0a1b2c3d', hostile)],
    };
    const laptop = detector();
    await laptop.send(rejects());
    await table.deliver(namesFunction());
    for (const item of await table.items()) expect(Buffer.byteLength(JSON.stringify(item))).toBeLessThan(4096);
    await laptop.send(rejects({ srcaddr: '203.0.113.10' }));
    expect(alertsOf(laptop)[1]!.who).toMatch(/^Who: 10\.0\.2\.7 is instance Robert'\); DROP "\\\?/);
  });

  it('makes one call of each kind when an invocation has many requests, and reads its own answers only', async () => {
    await request(
      ...Array.from({ length: 50 }, (_, n) => `address#${vpc}#10.0.3.${n}`),
      `interface#${eni}`,
      'nonsense',
    );
    await table.deliver(namesFunction());
    expect(requests().sort()).toEqual(['DescribeInstances', 'DescribeNetworkInterfaces', 'DescribeNetworkInterfaces']);
    expect(ec2.requests.every(({ parameters }) => parameters.MaxResults === '1000')).toBe(true);
  });

  it.each([undefined, {}, { Records: [null, {}, { dynamodb: { NewImage: { wanted: { N: '1' } } } }] }])(
    'ignores an event without requests: %j',
    async (event) => {
      await namesFunction()(event);
      expect(ec2.requests).toEqual([]);
      expect(await table.items()).toEqual([]);
    },
  );

  it('names the missing variable when it starts without a table', () => {
    expect(() => createNamesHandler({})).toThrow('NAME_TABLE_NAME is missing: expected the table of names');
  });
});

/** Puts requests as the alerting functions do. */
async function request(...keys: string[]): Promise<void> {
  for (const key of keys) {
    const Item = { pk: { S: `wanted#${key}` }, wanted: { S: key }, askedAt: { N: String(now) } };
    await stack().clients.dynamoDb.send(new PutItemCommand({ TableName: table.name, Item }));
  }
}

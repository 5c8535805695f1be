import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { collect } from '../../../cli/collect/collect.ts';
import { catching, run } from '../../support/run-program.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { type Ec2Server, startEc2Server } from './ec2-server.ts';
import { completeItem, type Json } from './ec2-xml.ts';

const folder = temporaryFolder();
let ec2: Ec2Server;
let out: string;

beforeEach(async () => {
  ec2 = await startEc2Server();
  out = join(mkdtempSync(join(folder, 'run-')), 'names');
  vi.stubEnv('AWS_ENDPOINT_URL_EC2', ec2.endpoint);
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'local');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local');
});

afterEach(() => {
  vi.unstubAllEnvs();
  ec2.stop();
});

const read = (path: string): unknown => JSON.parse(readFileSync(join(out, path), 'utf8'));
const interfacesIn = (region: string) => read(`${region}/describe-network-interfaces.json`);
const instancesIn = (region: string) => read(`${region}/describe-instances.json`);
const collected = () => read('collected.json') as { version: number; regions: Record<string, unknown>[] };
const filesIn = () => readdirSync(out, { recursive: true, encoding: 'utf8' }).sort();

const anInterface = (n: number, more: Record<string, Json> = {}): Json => ({
  NetworkInterfaceId: `eni-${n}`,
  OwnerId: '123456789012',
  PrivateIpAddresses: [{ Primary: true, PrivateIpAddress: `10.0.0.${n % 256}` }],
  ...more,
});
const aReservation = (...ids: string[]): Json => ({
  OwnerId: '123456789012',
  Instances: ids.map((id) => ({ InstanceId: id, LaunchTime: '2026-11-24T09:00:00.000Z' })),
});
const denied = { status: 403, code: 'UnauthorizedOperation', message: 'You are not authorized to do this.' };

describe('collect', () => {
  it('writes all members of both answers as the AWS CLI prints them when each member has a value', async () => {
    const networkInterface = completeItem('DescribeNetworkInterfaces', 'NetworkInterfaces');
    const reservation = completeItem('DescribeInstances', 'Reservations');
    ec2.regions['eu-central-1'] = { interfaces: [networkInterface], reservations: [reservation] };
    expect(await run('collect', '--out', out)).toMatchObject({ code: 0, stderr: '' });
    expect(interfacesIn('eu-central-1')).toEqual({ NetworkInterfaces: [networkInterface] });
    expect(instancesIn('eu-central-1')).toEqual({ Reservations: [reservation] });
  });

  it('joins all pages of 1,000 and asks for no ids when a region has several pages', async () => {
    const interfaces = Array.from({ length: 2500 }, (_, n) => anInterface(n));
    const reservations = Array.from({ length: 1001 }, (_, n) => aReservation(`i-${n}`, `i-${n}-b`));
    ec2.regions['eu-central-1'] = { interfaces, reservations };
    const before = Math.floor(Date.now() / 1000);
    expect((await run('collect', '--out', out)).code).toBe(0);
    expect(interfacesIn('eu-central-1')).toEqual({ NetworkInterfaces: interfaces });
    expect(instancesIn('eu-central-1')).toEqual({ Reservations: reservations });
    const lines = readFileSync(join(out, 'eu-central-1/describe-instances.json'), 'utf8').split('\n');
    expect(lines).toHaveLength(1 + reservations.length + 2);
    expect(collected()).toEqual({
      version: 1,
      regions: [{ region: 'eu-central-1', time: expect.any(Number), interfaces: 2500, instances: 2002 }],
    });
    expect(collected().regions[0]!.time).toBeGreaterThanOrEqual(before);
    expect(ec2.requests.map(({ operation, parameters: { Version, ...rest } }) => ({ operation, ...rest }))).toEqual([
      { operation: 'DescribeNetworkInterfaces', MaxResults: '1000' },
      { operation: 'DescribeNetworkInterfaces', MaxResults: '1000', NextToken: 'page-1000' },
      { operation: 'DescribeNetworkInterfaces', MaxResults: '1000', NextToken: 'page-2000' },
      { operation: 'DescribeInstances', MaxResults: '1000' },
      { operation: 'DescribeInstances', MaxResults: '1000', NextToken: 'page-1000' },
    ]);
  });

  it('writes empty lists when the region has nothing', async () => {
    expect((await run('collect', '--out', out)).code).toBe(0);
    expect(interfacesIn('eu-central-1')).toEqual({ NetworkInterfaces: [] });
    expect(instancesIn('eu-central-1')).toEqual({ Reservations: [] });
    expect(collected().regions).toMatchObject([{ region: 'eu-central-1', interfaces: 0, instances: 0 }]);
  });

  it('keeps texts unchanged when names and tags are hostile', async () => {
    const texts = [
      '"; rm -rf ~ #',
      `' OR 1=1 --`,
      '</value><script>alert(1)</script>&amp;]]>',
      'tab\t, return\r\n, escape \u001b[31m, bell \u0007',
      'ü 名前 😀 \u202e\u2028 \u{e0041}',
      '  spaces  ',
      '__proto__',
      '../../etc/passwd',
      '',
      '007',
      'true',
    ];
    const tagged = anInterface(1, {
      Description: texts.join(' '),
      TagSet: texts.map((one) => ({ Key: one, Value: one })),
    });
    ec2.regions['eu-central-1'] = { interfaces: [tagged], reservations: [] };
    expect(await run('collect', '--out', out)).toMatchObject({ code: 0, stderr: '' });
    expect(interfacesIn('eu-central-1')).toEqual({ NetworkInterfaces: [tagged] });
  });

  it('sends a call again when EC2 throttles it', async () => {
    ec2.regions['eu-central-1'] = { interfaces: [anInterface(1)], reservations: [aReservation('i-1')] };
    let left = 2;
    ec2.refuse = ({ operation }) => {
      if (operation !== 'DescribeInstances' || left-- <= 0) return undefined;
      return { status: 503, code: 'RequestLimitExceeded', message: 'Request limit exceeded.' };
    };
    expect((await run('collect', '--out', out)).code).toBe(0);
    expect(ec2.requests).toHaveLength(4);
    expect(instancesIn('eu-central-1')).toEqual({ Reservations: [aReservation('i-1')] });
  });

  it('names the call and the attempts when EC2 throttles every attempt', async () => {
    ec2.refuse = () => ({ status: 503, code: 'RequestLimitExceeded', message: 'Request limit exceeded.' });
    const { value, stderr } = await catching(() => collect({ out }, new AbortController().signal, { maxAttempts: 2 }));
    expect(value).toBe(false);
    expect(stderr).toContain('eu-central-1: EC2 throttles ec2:DescribeNetworkInterfaces, also at attempt 2: ');
  });

  it.each(['DescribeNetworkInterfaces', 'DescribeInstances'])(
    'names the missing permission and leaves no file of the region when %s is not allowed',
    async (operation) => {
      ec2.refuse = (request) => (request.operation === operation ? denied : undefined);
      const { code, stdout, stderr } = await run('collect', '--out', out);
      expect({ code, stdout }).toEqual({
        code: 1,
        stdout: `Nothing was collected.\nNext: remove the cause that standard error names, and run npx flow-sentinel collect --out ${out} --region eu-central-1\n`,
      });
      expect(stderr).toBe(
        `flow-sentinel: eu-central-1: the credentials lack the permission ec2:${operation}: attach the policy in docs/analyse/names.md#permissions; AWS says: You are not authorized to do this.\n`,
      );
      expect(filesIn()).toEqual(['collected.json']);
      ec2.refuse = () => undefined;
      expect((await run('collect', '--out', out)).code).toBe(0);
    },
  );

  it('collects the other regions and keeps earlier files when a region fails', async () => {
    const regions = ['--region', 'us-east-1', '--region', 'eu-west-1', '--region', 'us-east-1'];
    for (const name of ['us-east-1', 'eu-west-1']) ec2.regions[name] = { interfaces: [anInterface(1)] };
    expect((await run('collect', '--out', out, ...regions)).code).toBe(0);
    expect(ec2.requests.map(({ region }) => region)).toEqual(['us-east-1', 'us-east-1', 'eu-west-1', 'eu-west-1']);
    const [kept] = collected().regions;
    for (const name of ['us-east-1', 'eu-west-1']) ec2.regions[name] = { interfaces: [anInterface(2), anInterface(3)] };
    ec2.refuse = ({ region }) =>
      region === 'eu-west-1' ? { status: 401, code: 'AuthFailure', message: 'not validated' } : undefined;
    const { code, stdout, stderr } = await run('collect', '--out', out, '--json', ...regions);
    expect(code).toBe(1);
    expect(stderr).toMatch(/eu-west-1: AWS refuses the credentials in this region\. .* the region is not enabled/);
    expect(JSON.parse(stdout)).toEqual({
      out,
      regions: [
        {
          region: 'us-east-1',
          time: expect.any(Number),
          interfaces: 2,
          instances: 0,
          files: {
            networkInterfaces: join(out, 'us-east-1/describe-network-interfaces.json'),
            instances: join(out, 'us-east-1/describe-instances.json'),
          },
        },
      ],
      failed: [{ region: 'eu-west-1', problem: expect.stringContaining('AuthFailure: not validated') }],
    });
    expect(interfacesIn('us-east-1')).toEqual({ NetworkInterfaces: [anInterface(2), anInterface(3)] });
    expect(interfacesIn('eu-west-1')).toEqual({ NetworkInterfaces: [anInterface(1)] });
    expect(collected().regions).toEqual([kept, expect.objectContaining({ region: 'us-east-1', interfaces: 2 })]);
  });

  it('replaces the files and keeps entries of other regions when it runs again', async () => {
    ec2.regions['eu-central-1'] = { interfaces: [anInterface(1)], reservations: [aReservation('i-1')] };
    await run('collect', '--out', out);
    const [first] = collected().regions;
    ec2.regions['eu-central-1'] = { interfaces: [anInterface(2)] };
    await run('collect', '--out', out, '--region', 'ap-south-1');
    expect(collected().regions).toEqual([expect.objectContaining({ region: 'ap-south-1' }), first]);
    expect(interfacesIn('eu-central-1')).toEqual({ NetworkInterfaces: [anInterface(1)] });
    await run('collect', '--out', out);
    expect(interfacesIn('eu-central-1')).toEqual({ NetworkInterfaces: [anInterface(2)] });
    expect(instancesIn('eu-central-1')).toEqual({ Reservations: [] });
    expect(filesIn()).toEqual([
      'ap-south-1',
      'ap-south-1/describe-instances.json',
      'ap-south-1/describe-network-interfaces.json',
      'collected.json',
      'eu-central-1',
      'eu-central-1/describe-instances.json',
      'eu-central-1/describe-network-interfaces.json',
    ]);
  });

  it('makes files and folders that only their owner may read', async () => {
    await run('collect', '--out', out);
    const modeOf = (path: string) => (statSync(join(out, path)).mode & 0o777).toString(8);
    expect(Object.fromEntries(['', ...filesIn()].map((path) => [path, modeOf(path)]))).toEqual({
      '': '700',
      'collected.json': '600',
      'eu-central-1': '700',
      'eu-central-1/describe-instances.json': '600',
      'eu-central-1/describe-network-interfaces.json': '600',
    });
  });

  it('prints the files, the counts and the next step when all regions are done', async () => {
    ec2.regions['eu-central-1'] = { interfaces: [anInterface(1)], reservations: [aReservation('i-1', 'i-2')] };
    const { stdout } = await run('collect', '--out', out);
    expect(stdout.replaceAll(out, 'names').replaceAll(/ +/g, ' ')).toBe(
      [
        ' region interfaces instances files',
        ' eu-central-1 1 2 names/eu-central-1/describe-network-interfaces.json',
        ' names/eu-central-1/describe-instances.json',
        'Next: give --names names to a command that names addresses (docs/analyse/names.md). Collect again when the network has changed.',
        '',
      ].join('\n'),
    );
  });

  it('shows the counts on a terminal while it collects', async () => {
    ec2.regions['eu-central-1'] = { interfaces: Array.from({ length: 1001 }, (_, n) => anInterface(n)) };
    const before = process.stderr.isTTY;
    process.stderr.isTTY = true;
    const { stderr } = await run('collect', '--out', out);
    process.stderr.isTTY = before;
    expect(stderr).toBe(
      [
        '\reu-central-1: 0 interfaces, 0 instances\u001b[K',
        '\reu-central-1: 1,000 interfaces, 0 instances\u001b[K',
        '\reu-central-1: 1,001 interfaces, 0 instances\u001b[K',
        '\reu-central-1: 1,001 interfaces, 0 instances\u001b[K',
        '\r\u001b[K',
      ].join(''),
    );
  });
});

describe('a collection that is interrupted', () => {
  it('keeps what is done and the earlier files, and names the regions that are left', async () => {
    const regions = ['us-east-1', 'eu-west-1', 'ap-south-1'];
    ec2.regions['eu-west-1'] = { interfaces: [anInterface(1)] };
    await run('collect', '--out', out, '--region', 'eu-west-1');
    const before = filesIn();
    const interrupted = new AbortController();
    ec2.regions['eu-west-1'] = { interfaces: Array.from({ length: 1500 }, (_, n) => anInterface(n)) };
    ec2.refuse = async ({ region, parameters }) => {
      if (region === 'eu-west-1' && parameters.NextToken) interrupted.abort();
      return undefined;
    };
    const { value, stderr } = await catching(() => collect({ out, region: regions }, interrupted.signal));
    expect(value).toBe(false);
    expect(stderr).toBe(
      'flow-sentinel: eu-west-1: the command was interrupted\nflow-sentinel: ap-south-1: the command was interrupted\n',
    );
    expect(interfacesIn('eu-west-1')).toEqual({ NetworkInterfaces: [anInterface(1)] });
    expect(collected().regions.map(({ region }) => region)).toEqual(['eu-west-1', 'us-east-1']);
    expect(filesIn().filter((path) => !path.startsWith('us-east-1'))).toEqual(before);
  });

  it('exits with 1 and leaves no temporary file when the process gets a signal', async () => {
    const asked = new Promise<void>((resolve) => {
      // The answer never comes: only the signal ends the command.
      ec2.refuse = () => new Promise(() => resolve());
    });
    const program = join(import.meta.dirname, '../../../bin/flow-sentinel.ts');
    const child = spawn(process.execPath, [program, 'collect', '--out', out], { stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += String(chunk);
    });
    const exited = once(child, 'close');
    await asked;
    child.kill('SIGINT');
    expect(await exited).toEqual([1, null]);
    expect(stderr).toBe('flow-sentinel: eu-central-1: the command was interrupted\n');
    expect(filesIn()).toEqual(['collected.json']);
  });
});

describe('a collection that is refused', () => {
  async function expectRefused(message: string, ...args: string[]) {
    const { code, stdout, stderr } = await run('collect', '--out', out, ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(ec2.requests).toEqual([]);
  }

  it('exits with 2 and changes nothing when the folder has other files', async () => {
    mkdirSync(out);
    writeFileSync(join(out, 'notes.txt'), 'mine');
    await expectRefused(`${out} is not empty and has no collected.json: name a new folder`);
    expect(filesIn()).toEqual(['notes.txt']);
  });

  it.each(['{', '[]', '{"version": 2, "regions": []}', '{"version": 1, "regions": [{"region": "../x"}]}'])(
    'exits with 2 and keeps the file when collected.json is %s',
    async (text) => {
      mkdirSync(out);
      writeFileSync(join(out, 'collected.json'), text);
      await expectRefused('collected.json is invalid: got other text, expected a file of this command, version 1');
      expect(readFileSync(join(out, 'collected.json'), 'utf8')).toBe(text);
    },
  );

  it('exits with 2 when the path is a file', async () => {
    writeFileSync(out, 'mine');
    await expectRefused(`${out} cannot be used: it is not a folder`);
  });

  it('exits with 2 when the folder cannot be made', async () => {
    out = '/proc/names';
    await expectRefused('/proc/names cannot be made: ');
  });

  it('accepts an empty folder and keeps its mode', async () => {
    mkdirSync(out, { mode: 0o755 });
    expect((await run('collect', '--out', out)).code).toBe(0);
    expect(statSync(out).mode & 0o777).toBe(0o755);
  });

  it('exits with 2 and makes no folder when the shell has no credentials', async () => {
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_PROFILE']) vi.stubEnv(name, undefined);
    for (const name of ['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE']) vi.stubEnv(name, '/dev/null');
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
    await expectRefused('no AWS credentials: set AWS_PROFILE or sign in, as for the AWS CLI: ');
    expect(() => statSync(out)).toThrow('ENOENT');
  });

  it('exits with 2 when neither the option nor the shell names a region', async () => {
    vi.stubEnv('AWS_REGION', undefined);
    vi.stubEnv('AWS_CONFIG_FILE', '/dev/null');
    await expectRefused('no region is set; give --region, such as --region eu-central-1, or set AWS_REGION');
  });

  it('exits with 2 when the region of the option or of the shell could not be a folder', async () => {
    await expectRefused('expected the name of a region, such as eu-central-1', '--region', '../x');
    vi.stubEnv('AWS_REGION', 'eu');
    await expectRefused('the region is invalid: got "eu", expected a name such as eu-central-1');
  });
});

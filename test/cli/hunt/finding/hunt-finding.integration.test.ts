import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventTime, findingEvent, findingOf, rawInterface, remoteDetails } from '../../../support/context-events.ts';
import { directed, lineOf } from '../../../support/flows.ts';
import { run } from '../../../support/run-program.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { writeLog } from '../../replay/flow-logs.ts';

const folder = temporaryFolder();

/** A record that ended some seconds before the time of the findings. */
function record(before: number, values: Record<string, string | number>): string {
  const end = eventTime - before;
  return lineOf({ start: end - 50, end, 'flow-direction': 'egress', ...values }, directed);
}

const gateway = { 'interface-id': 'eni-0123456789abcdef0', srcaddr: '10.0.1.5', dstaddr: '10.0.0.9' };
const logs = writeLog(folder, 'flows.log', [
  directed.names.join(' '),
  // Two days before: known to the host.
  record(172_800, { dstaddr: '198.51.100.80', bytes: 10 }),
  record(3600, { dstaddr: '198.51.100.80', bytes: 1_000_000 }),
  // The pair of the first finding, both directions, and new.
  record(3000, { dstaddr: '203.0.113.9', bytes: 4_000_000 }),
  record(2000, { dstaddr: '203.0.113.9', bytes: 100_000, dstport: 8443 }),
  record(2000, {
    ...{ srcaddr: '203.0.113.9', dstaddr: '10.0.1.5', srcport: 443, dstport: 50_000 },
    ...{ bytes: 2000, 'flow-direction': 'ingress' },
  }),
  record(1900, { dstaddr: '203.0.113.9', action: 'REJECT', bytes: 40 }),
  record(300, { srcaddr: '10.0.1.6', dstaddr: '203.0.113.9', bytes: 700 }),
  // Through a NAT gateway, which alone has a flow log.
  record(200, { ...gateway, 'pkt-srcaddr': '10.0.1.5', 'pkt-dstaddr': '198.51.100.20', 'flow-direction': 'ingress' }),
  record(200, {
    ...gateway,
    srcaddr: '10.0.0.9',
    dstaddr: '198.51.100.20',
    'pkt-srcaddr': '10.0.0.9',
    'pkt-dstaddr': '198.51.100.20',
  }),
  // Rejected, and never answered.
  record(100, {
    srcaddr: '203.0.113.66',
    dstaddr: '10.0.1.5',
    action: 'REJECT',
    bytes: 40,
    'flow-direction': 'ingress',
  }),
  record(90, { srcaddr: '2001:db8::5', dstaddr: '2001:db8:f::9', bytes: 5000 }),
]);

/** A finding about the host 10.0.1.5 and a remote address. */
function findingWith(id: string, remote: string, values: Record<string, unknown> = {}) {
  const action = { networkConnectionAction: { remoteIpDetails: remoteDetails(remote) } };
  return findingOf({ id, service: { action }, ...values });
}

function write(name: string, value: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value));
  return path;
}

const ipv6 = rawInterface({ privateIpAddress: undefined, privateIpAddresses: [], ipv6Addresses: ['2001:db8::5'] });
const several = write('findings.json', {
  Findings: [
    findingWith('a1', '203.0.113.9', { severity: 8 }),
    findingWith('a2', '203.0.113.66'),
    findingWith('a3', '198.51.100.99'),
    findingWith('a4', '198.51.100.20'),
    findingOf({
      id: 'a5',
      severity: 2,
      resource: { instanceDetails: { networkInterfaces: [ipv6] } },
      service: {
        action: {
          networkConnectionAction: {
            localIpDetails: { ipAddressV4: '', ipAddressV6: '2001:db8::5' },
            remoteIpDetails: { ...remoteDetails(''), ipAddressV6: '2001:db8:f::9' },
          },
        },
      },
    }),
  ],
});

const hunt = (...args: string[]) => run('hunt', 'finding', ...args, '--monitored-networks', '10.0.0.0/8,2001:db8::/64');

interface Answer {
  readonly id: string;
  readonly pairs: object[];
  readonly sent: { readonly top: object[] };
}

async function answers(...args: string[]): Promise<Answer[]> {
  const { code, stdout } = await hunt(...args, '--json');
  expect(code).toBe(0);
  return JSON.parse(stdout);
}

describe('hunt finding', () => {
  it('tells how much was sent, whether it continues, and who else has the address', async () => {
    const { code, stdout } = await hunt(several, logs, '--id', 'a1');
    expect(code).toBe(0);
    expect(stdout.replaceAll(folder, 'FOLDER')).toMatchInlineSnapshot(`
      "HIGH UnauthorizedAccess:EC2/SSHBruteForce on 10.0.1.5 (billing-worker-2) -> 203.0.113.9
        203.0.113.9 is performing SSH brute force attacks against i-0a1b2c3d4e5f60718.
        GuardDuty a1, 12 times, 2026-11-30 04:58:20 to 2026-11-30 05:59:00, from flow logs
        10.0.1.5 and 203.0.113.9: sent 4.1 MB in 2 records, received 2 kB in 1 record, 1 rejected, ports 443, 8443, 2026-11-30 05:09:10 to 2026-11-30 05:28:20, the last one 30 min before the end of the logs
        The logs end 2026-11-30 05:58:30, before the last time of the finding
        Sent 5.1 MB to 3 addresses outside in the 24 h to 2026-11-30 05:59:00; 4.1 MB of it to 2 addresses that it never had before in these logs
        1 other inside host has this address: 10.0.1.6 sent 700 bytes, received 0 bytes
        Next: npx flow-sentinel hunt pair 10.0.1.5 203.0.113.9 FOLDER/flows.log

      1 finding answered from 11 flows, times in UTC.
      "
    `);
  });

  it('answers several findings, with pairs through a NAT gateway, in IPv6, only from outside, or without flows', async () => {
    const all = await answers(several, logs);
    expect(all.map(({ id }) => id)).toEqual(['a1', 'a2', 'a3', 'a4', 'a5']);
    const [, onlySource, unseen, throughGateway, inIpv6] = all;
    expect(onlySource!.pairs).toMatchObject([
      { host: '10.0.1.5', remote: '203.0.113.66', records_out: 0, bytes_in: 0, records_in: 0, rejects: 1 },
    ]);
    expect(unseen).toMatchObject({ pairs: [], remotes_without_flows: ['198.51.100.99'], other_host_count: 0 });
    expect(throughGateway).toMatchObject({
      pairs: [{ host: '10.0.1.5', remote: '198.51.100.20', bytes_out: 1000, records_out: 1, is_going_on: true }],
      other_hosts: [],
    });
    expect(inIpv6).toMatchObject({
      hosts: ['2001:db8::5'],
      pairs: [{ host: '2001:db8::5', remote: '2001:db8:f::9', bytes_out: 5000 }],
      sent: { targets: 1, new_targets: 1, has_flows_before: true },
    });
    const text = (await hunt(several, logs, '--id', 'a3')).stdout;
    expect(text).toContain('no flow record of this pair: not logged here, skipped, or not in the time of these logs');
    const { stdout: csv } = await hunt(several, logs, '--csv');
    expect(csv.split('\n')[3]).toBe(
      'a3,UnauthorizedAccess:EC2/SSHBruteForce,medium,10.0.1.5,198.51.100.99,0,0,0,0,0,,,,,',
    );
  });

  it('sums what the host sent around a finding without a remote address', async () => {
    const dns = { action: { networkConnectionAction: null, dnsRequestAction: { domain: 'c2.example.com' } } };
    const file = write('dns.json', findingEvent(findingOf({ id: 'b1', service: dns })));
    const [answer] = await answers(file, logs);
    expect(answer).toMatchObject({ remotes: [], pairs: [], sent: { bytes: 5_101_000, targets: 3, new_targets: 2 } });
    expect(answer!.sent.top[0]).toEqual({ address: '203.0.113.9', bytes: 4_100_000, records: 2, is_new: true });
    expect((await hunt(file, logs)).stdout).toContain('Most to: 203.0.113.9 4.1 MB, new; ');
  });

  it('reads sample findings only when it is asked to', async () => {
    const file = write(
      'sample.json',
      findingWith('c1', '203.0.113.9', { service: { additionalInfo: { sample: true } } }),
    );
    const { code, stderr } = await hunt(file, logs);
    expect({ code, stderr: stderr.replace(folder, 'FOLDER') }).toEqual({
      code: 2,
      stderr:
        'flow-sentinel: FOLDER/sample.json: it has only sample findings, which --sample-findings reads; expected findings of GuardDuty\n',
    });
    expect(await answers(file, logs, '--sample-findings')).toMatchObject([{ id: 'c1' }]);
  });

  it('keeps texts of a hostile file on their lines, and leaves out what it cannot read and what is too much', async () => {
    const hostile = findingWith('d1', "203.0.113.9'); DROP TABLE flows; --", {
      severity: 8,
      title: 'a\u001b[2J\nb\u202e',
      resource: { instanceDetails: { tags: [{ key: 'Name', value: '\u001b]0;x\u0007'.repeat(999) }] } },
    });
    // Without a host, they need no query.
    const many = Array.from({ length: 25 }, (_, n) => findingWith(`e${n}`, '203.0.113.9', { resource: null }));
    const file = write('hostile.json', [hostile, 7, null, { severity: 'high' }, ...many]);
    const { code, stdout, stderr } = await hunt(file, logs);
    expect(code).toBe(0);
    expect(stdout).toContain('\n  a?[2J b?\n');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
    expect(stdout).toContain('\n20 findings answered from ');
    expect(stderr).toContain('left out 3 events of context files');
    expect(stderr).toContain('left out 6 less severe findings: choose them with --id');
    expect((await hunt(file, logs, '--id', 'f')).stderr).toMatch(/^(.*\n)*flow-sentinel: --id is invalid: got "f"/);
    expect((await hunt(write('none.json', '[]'), logs)).code).toBe(2);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DnsTable } from '../../../cli/dns/dns-table.ts';
import { alertCell } from '../../../cli/names/who-cell.ts';
import { writeAlert, writeDigest } from '../../../lambda/alert/alert.ts';
import type { AlertBody } from '../../../lambda/alert/alert-body.ts';
import type { Network } from '../../../lambda/networks/ip-address.ts';
import { parseNetwork } from '../../../lambda/networks/ip-address.ts';
import { expectAlertBody } from '../../support/alert-schema.ts';
import { dnsTableOf } from '../../support/dns-queries.ts';
import { findingsOf } from '../../support/findings.ts';
import { epoch, flowOf, formatOf, v2 } from '../../support/flows.ts';
import { rulesOf, ruleText } from '../../support/rules.ts';

const rules = rulesOf(
  ruleText('{action: ACCEPT}', 'type: event_count, group-by: [srcaddr, dstaddr], timespan: 1h, condition: {gte: 1}'),
);
const byTarget = rulesOf(
  ruleText(
    '{action: ACCEPT}',
    'type: value_count, group-by: [srcaddr], timespan: 1h, condition: {field: dstaddr, gte: 2}',
  ),
);
const origin = { account: '123456789012', region: 'eu-west-1' };
const insideNetworks = [parseNetwork('10.0.0.0/8') as Network, parseNetwork('203.0.113.0/24') as Network];
const [host, address] = ['10.0.1.5', '198.51.100.9'];
const day = 86_400;
const start = { time: epoch - day, addresses: [] };
const end = { time: epoch + day, addresses: [] };

type Values = Record<string, string | number>;

async function alertOf(dns: DnsTable | undefined, values: Values = {}, format = v2) {
  const [finding] = await findingsOf([flowOf({ srcaddr: host, dstaddr: address, ...values }, format)], rules);
  const alert = writeAlert(finding!, { ...origin, insideNetworks, ...(dns && { dns }) });
  const body = JSON.parse(alert.body) as AlertBody;
  expectAlertBody(body);
  return { text: alert.text, body, line: alert.text.split('\n').find((line) => line.startsWith('Asked for: ')) };
}

describe('an alert with DNS logs', () => {
  it('says the name that the host asked for in the e-mail, the JSON and OCSF', async () => {
    const { line, body } = await alertOf(dnsTableOf({ time: epoch - 70 }));
    expect(line).toBe(`Asked for: ${address} by ${host} as update.example.com at 2026-11-24 08:58:50 UTC`);
    expect(body.names.dns).toEqual([
      { address, host, askedBy: host, names: [{ name: 'update.example.com', time: epoch - 70 }], more: 0 },
    ]);
    expect(body.evidences[0]!.dst_endpoint).toMatchObject({ ip: address, hostname: 'update.example.com' });
    expect(body.evidences[0]!.src_endpoint).not.toHaveProperty('hostname');
    expect(body.observables).toContainEqual({
      name: 'evidences[].dst_endpoint.hostname',
      type_id: 1,
      type: 'Hostname',
      value: 'update.example.com',
    });
  });

  it('is the same as before without DNS logs, and has no line when the logs do not decide', async () => {
    const before = await alertOf(undefined);
    expect(before.line).toBeUndefined();
    expect(Object.keys(before.body.names)).toEqual(['networks', 'services']);
    const { text, body } = await alertOf(dnsTableOf({ addresses: ['198.51.100.10'] }));
    expect(text).toBe(before.text);
    expect(body).toEqual({ ...before.body, names: { ...before.body.names, dns: [] } });
  });

  it('names the host that the answer flows go to', async () => {
    const { line, body } = await alertOf(dnsTableOf({}), { srcaddr: address, dstaddr: host });
    expect(line).toContain(`${address} by ${host} as update.example.com`);
    expect(body.evidences[0]!.src_endpoint).toMatchObject({ hostname: 'update.example.com' });
  });

  it('says that another host asked when the host itself did not, and leaves this name out of OCSF', async () => {
    const { line, body } = await alertOf(dnsTableOf({ host: '10.0.1.9' }));
    expect(line).toBe(
      `Asked for: ${address} by another host, 10.0.1.9, as update.example.com at 2026-11-24 09:00:00 UTC`,
    );
    expect(body.evidences[0]!.dst_endpoint).not.toHaveProperty('hostname');
  });

  it('says that no host asked for an outside address when the logs cover the time', async () => {
    const { line, body } = await alertOf(dnsTableOf(start, end));
    expect(line).toBe(`Asked for: ${address} in no query of the DNS logs, which begin at 2026-11-23 09:00:00 UTC`);
    expect(body.names.dns).toEqual([{ address, host, names: [], more: 0, since: epoch - day }]);
  });

  it.each<[string, Values]>([
    ['the address is inside', { dstaddr: '203.0.113.9' }],
    ['the address is private', { dstaddr: '192.168.1.9' }],
    ['the host answers', { srcport: 443, dstport: 50_000 }],
    ['the address began', { srcaddr: '198.51.100.9', dstaddr: host }],
    ['the flow has no ports', { srcport: '-', dstport: '-' }],
  ])('does not say that no host asked when %s', async (_, values) => {
    expect((await alertOf(dnsTableOf(start, end), values)).line).toBeUndefined();
  });

  it('takes the VPC of the flows when hosts of two VPCs have the same address', async () => {
    const dns = dnsTableOf({ name: 'a.example.' }, { name: 'b.example.', vpc: 'vpc-0b' });
    const format = formatOf(`${v2.names.join(' ')} vpc-id`);
    expect((await alertOf(dns, { 'vpc-id': 'vpc-0b' }, format)).line).toContain(' as b.example at ');
    expect((await alertOf(dns)).line).toBeUndefined();
  });

  it('shows all three names of one address, and one of each of several', async () => {
    const names = ['a', 'b', 'c', 'd'].map((name, n) => ({ name: `${name}.example.`, time: epoch + n }));
    const single = await alertOf(dnsTableOf(...names));
    expect(single.line).toBe(
      `Asked for: ${address} by ${host} as d.example at 2026-11-24 09:00:03 UTC, c.example at 2026-11-24 09:00:02 UTC, b.example at 2026-11-24 09:00:01 UTC and 1 more name`,
    );
    const addresses = ['198.51.100.9', '198.51.100.10', '198.51.100.11', '198.51.100.12'];
    const flows = [...addresses, '198.51.100.13'].map((dstaddr) => flowOf({ srcaddr: host, dstaddr }));
    const [finding] = await findingsOf(flows, byTarget);
    const dns = dnsTableOf(start, end, ...names.map((name) => ({ ...name, addresses })));
    const alert = writeAlert(finding!, { ...origin, dns });
    expect(alert.text).toContain(
      `Asked for: 198.51.100.13 in no query of the DNS logs, which begin at 2026-11-23 09:00:00 UTC; 198.51.100.9 by ${host} as d.example at 2026-11-24 09:00:03 UTC and 3 more names; 198.51.100.10 by ${host} as d.example at 2026-11-24 09:00:03 UTC and 3 more names; 2 more\n`,
    );
    expectAlertBody(JSON.parse(alert.body));
  });

  it('has the name in the keys of a digest and in the cells of tables', async () => {
    const flows = ['10.0.1.5', '10.0.1.6'].map((srcaddr) => flowOf({ srcaddr, dstaddr: address }));
    const { text } = writeDigest(await findingsOf(flows, rules), { ...origin, dns: dnsTableOf({}) });
    expect(text).toContain(`- 10.0.1.5 -> ${address} (update.example.com): `);
    expect(text).toContain(`- 10.0.1.6 -> ${address}: `);
    const { body } = await alertOf(dnsTableOf({ name: `${'x'.repeat(40)}.owner.example.` }));
    expect(alertCell(body.key, body.names)).toBe('- -> ...xxxxxxx.owner.example');
    expect(alertCell(body.key, (await alertOf(dnsTableOf({ host: '10.0.1.9' }))).body.names)).toBe('');
  });

  it('keeps each line, the schema and the limits when names are hostile', async () => {
    const name = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.constantFrom('a\nWho: b', '\u2028', '<b>', '"', '\u202e', 'x'.repeat(400), `${'\\000'.repeat(90)}.example`),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(name, { maxLength: 5 }), async (names) => {
        const before = await alertOf(dnsTableOf(start));
        const { text, body, line = '' } = await alertOf(dnsTableOf(start, ...names.map((one) => ({ name: one }))));
        expect(text.split('\n').length - before.text.split('\n').length).toBeLessThanOrEqual(1);
        expect(text.split('\n').length).toBeLessThan(40);
        expect(line.length).toBeLessThan(400);
        expect(text.replaceAll('\n', '')).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
        expect(JSON.stringify(body).length).toBeLessThan(10_000);
      }),
      { numRuns: 60 },
    );
  });

  it('fits into a message when a hundred evidences have the longest names', async () => {
    const many = rulesOf(
      ruleText(
        '{action: ACCEPT}',
        'type: value_count, group-by: [srcaddr], timespan: 1h, condition: {field: dstaddr, gte: 80}',
      ),
    );
    const addresses = Array.from({ length: 100 }, (_, n) => `198.51.100.${n}`);
    const longest = (n: number) => `${n}x.${'y'.repeat(63)}.`.padEnd(253, 'z');
    const dns = dnsTableOf(...addresses.map((one, n) => ({ name: longest(n), addresses: [one] })));
    const [finding] = await findingsOf(
      addresses.map((dstaddr) => flowOf({ srcaddr: host, dstaddr })),
      many,
    );
    const alert = writeAlert(finding!, { ...origin, dns });
    const body = JSON.parse(alert.body) as AlertBody;
    expectAlertBody(body);
    expect(body.evidences.filter(({ dst_endpoint }) => dst_endpoint?.hostname !== undefined)).toHaveLength(80);
    expect(Buffer.byteLength(alert.body)).toBeLessThan(110_000);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writeAlert, writeDigest } from '../../../lambda/alert/alert.ts';
import type { AlertBody, Context } from '../../../lambda/alert/alert-body.ts';
import { alertContext } from '../../../lambda/alert/alert-context.ts';
import { logFormatWith } from '../../../lambda/flow-log/deployed-format.ts';
import { type TagFields, tagKeysByField } from '../../../lambda/flow-log/tag-fields.ts';
import { readAddresses, readInstances } from '../../../lambda/names/describe-answers.ts';
import type { KnownAddress } from '../../../lambda/names/known-interface.ts';
import { foundEntry, missingEntry, type NameEntry } from '../../../lambda/names/name-entry.ts';
import { NameTable } from '../../../lambda/names/name-table.ts';
import { StoredNames } from '../../../lambda/names/stored-names.ts';
import { loadRules } from '../../../lambda/rules/load.ts';
import { expectAlertBody } from '../../support/alert-schema.ts';
import { described } from '../../support/describe-answers.ts';
import { findingsOf } from '../../support/findings.ts';
import { directed, epoch, flowOf, formatOf } from '../../support/flows.ts';
import { networks, ruleSetOf, rulesOf, ruleText } from '../../support/rules.ts';

const rules = rulesOf(
  ruleText('{action: ACCEPT}', 'type: event_count, group-by: [srcaddr, dstaddr], timespan: 1h, condition: {gte: 1}'),
);
const origin = { account: '123456789012', region: 'eu-west-1' };
const at = epoch + 50;

/** Makes the table of one instance with the address 10.0.1.5. */
function namesOf(values: Record<string, unknown> = {}, tags: readonly object[] = []): NameTable {
  const instances = readInstances({ Reservations: [{ Instances: [{ InstanceId: 'i-0a', Tags: tags }] }] });
  const one = described({ Attachment: { InstanceId: 'i-0a' }, ...values });
  return new NameTable(readAddresses({ NetworkInterfaces: [one] }, instances, at));
}

async function written(names: NameTable | undefined, values: Record<string, string> = {}) {
  const [finding] = await findingsOf([flowOf({ srcaddr: '10.0.1.5', 'interface-id': 'eni-0a', ...values })], rules);
  const alert = writeAlert(finding!, { ...origin, ...(names && { names }) });
  const body = JSON.parse(alert.body) as AlertBody;
  expectAlertBody(body);
  return { ...alert, body, who: alert.text.split('\n').find((line) => line.startsWith('Who: ')) };
}

const tagged = [
  { Key: 'Name', Value: 'web-1' },
  { Key: 'Owner', Value: 'shop' },
];

/** Knows two outside addresses. */
const regions = {
  dataTime: at - 86_400,
  lookup: (address: string) =>
    ({
      '198.51.100.7': { country: 'DE', asn: 64_496, asName: 'EXAMPLE-AS', awsRegion: 'eu-central-1', awsService: 'S3' },
      '203.0.113.9': { asn: 64_511 },
    })[address],
};

describe('an alert with regions', () => {
  it('says where an outside address leads, and of which day the data is', async () => {
    const [finding] = await findingsOf([flowOf({ srcaddr: '10.0.1.5', dstaddr: '198.51.100.7' })], rules);
    const alert = writeAlert(finding!, { ...origin, regions });
    const body = JSON.parse(alert.body) as AlertBody;
    expectAlertBody(body);
    expect(alert.text).toContain(
      'Where: 198.51.100.7 DE (registry), AS64496 EXAMPLE-AS, AWS eu-central-1 S3. Data of 2026-11-23\n',
    );
    expect(body.names.regions).toEqual([{ address: '198.51.100.7', ...regions.lookup('198.51.100.7') }]);
    expect(body.evidences[0]!.dst_endpoint).toMatchObject({
      location: { country: 'DE' },
      autonomous_system: { number: 64_496, name: 'EXAMPLE-AS' },
    });
    expect(body.evidences[0]!.src_endpoint).not.toHaveProperty('location');
  });

  it('has no line when the table knows no address', async () => {
    const [finding] = await findingsOf([flowOf()], rules);
    const alert = writeAlert(finding!, { ...origin, regions });
    expect(alert.text).not.toContain('Where:');
    expect((JSON.parse(alert.body) as AlertBody).names.regions).toEqual([]);
  });

  it('gives the region of a key of a digest when nobody is known to have the address', async () => {
    const flows = ['198.51.100.7', '203.0.113.9'].map((dstaddr) => flowOf({ srcaddr: '10.0.1.5', dstaddr }));
    const findings = await findingsOf(flows, rules);
    const { text } = writeDigest(findings, { ...origin, regions, names: namesOf({}, tagged) });
    expect(text).toContain('- 10.0.1.5 -> 198.51.100.7 (web-1, DE eu-central-1): ');
    expect(text).toContain('- 10.0.1.5 -> 203.0.113.9 (web-1, AS64511): ');
  });
});

describe('an alert with names', () => {
  it('says who has the address, and when this was looked up', async () => {
    const { who, body } = await written(namesOf({}, tagged));
    expect(who).toBe('Who: 10.0.1.5 is instance web-1 (i-0a), owner shop. As of 2026-11-24 09:00:50 UTC');
    expect(body.names.interfaces).toEqual([expect.objectContaining({ name: 'web-1', owner: 'shop', id: 'i-0a' })]);
    expect(body.evidences[0]!.src_endpoint).toMatchObject({
      ip: '10.0.1.5',
      name: 'web-1',
      owner: { name: 'shop' },
      instance_uid: 'i-0a',
      zone: 'eu-central-1a',
    });
    expect(body.resources[0]).toMatchObject({ uid: 'eni-0a', name: 'web-1', owner: { name: 'shop' } });
  });

  it('has no name, and the JSON of before, without a source of names', async () => {
    const { who, body } = await written(undefined);
    expect(who).toBeUndefined();
    expect(Object.keys(body.names)).toEqual(['networks', 'services']);
    expect(body.resources[0]).not.toHaveProperty('name');
  });

  it('says since when an interface has the address when it was attached within the window', async () => {
    const since = (AttachTime: string) => written(namesOf({ Attachment: { InstanceId: 'i-0a', AttachTime } }, tagged));
    expect((await since('2026-11-24T08:59:00Z')).who).toBe(
      'Who: 10.0.1.5 is instance web-1 (i-0a), owner shop, but only since 2026-11-24 08:59:00 UTC. As of 2026-11-24 09:00:50 UTC',
    );
    expect((await since('2026-11-24T07:00:00Z')).who).not.toContain('since');
  });

  it('names the interfaces that the source does not know', async () => {
    const { who, body } = await written(namesOf(), { 'interface-id': 'eni-0f', srcaddr: '10.0.1.6' });
    expect(who).toBe('Who: eni-0f not known then. As of 2026-11-24 09:00:50 UTC');
    expect(body.names).toMatchObject({ interfaces: [], unknownInterfaces: ['eni-0f'] });
  });

  it('says that others share the address when the address is a further one of a node', async () => {
    const PrivateIpAddresses = [{ PrivateIpAddress: '10.0.1.6', Primary: false }];
    const node = [
      { Key: 'Name', Value: 'node-1' },
      { Key: 'kubernetes.io/cluster/prod', Value: 'owned' },
    ];
    const { who } = await written(namesOf({ PrivateIpAddresses }, node), { srcaddr: '10.0.1.6' });
    expect(who).toContain('10.0.1.6 is an address that pods share on instance node-1 (i-0a)');
  });

  it('names at most four addresses and counts the others', async () => {
    const NetworkInterfaces = Array.from({ length: 8 }, (_, n) =>
      described({ NetworkInterfaceId: `eni-${n}`, PrivateIpAddress: `10.0.9.${n}`, PrivateIpAddresses: [] }),
    );
    const names = new NameTable(readAddresses({ NetworkInterfaces }, new Map(), at));
    const byTarget = rulesOf(
      ruleText(
        '{action: ACCEPT}',
        'type: value_count, group-by: [srcaddr], timespan: 1h, condition: {field: dstaddr, gte: 8}',
      ),
    );
    const flows = Array.from({ length: 8 }, (_, n) => flowOf({ dstaddr: `10.0.9.${n}`, 'interface-id': 'eni-0' }));
    const [finding] = await findingsOf(flows, byTarget);
    const alert = writeAlert(finding!, { ...origin, names });
    expect(alert.text).toContain('10.0.9.3 is network interface eni-3; 4 more. As of');
  });

  it('keeps each line, the schema and the limit of lines when tags are hostile', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.constantFrom('a\nWho: b', '\u2028', '<b>', '"', '\u202e', 'x'.repeat(256)),
    );
    await fc.assert(
      fc.asyncProperty(text, text, text, async (name, owner, group) => {
        const tags = [
          { Key: 'Name', Value: name },
          { Key: 'Team', Value: owner },
        ];
        const { text: mail, body } = await written(namesOf({ Groups: [{ GroupName: group }] }, tags));
        const lines = mail.split('\n');
        expect(lines.filter((line) => line.startsWith('Who: '))).toHaveLength(1);
        expect(lines.length).toBeLessThan(40);
        expect(mail.replaceAll('\n', '')).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
        expect(JSON.stringify(body).length).toBeLessThan(20_000);
      }),
      { numRuns: 60 },
    );
  });

  it('names the addresses of each key of a digest', async () => {
    const flows = ['10.0.1.5', '10.0.1.6'].map((srcaddr) => flowOf({ srcaddr, 'interface-id': 'eni-0a' }));
    const findings = await findingsOf(flows, rules);
    const alert = writeDigest(findings, { ...origin, names: namesOf({}, tagged) });
    const body = JSON.parse(alert.body) as AlertBody;
    expectAlertBody(body);
    expect(alert.text).toContain('- 10.0.1.5 -> 10.0.2.7 (web-1): ');
    expect(alert.text).toContain('- 10.0.1.6 -> 10.0.2.7: ');
    expect(body.digest!.keys.map(({ names }) => names)).toEqual([{ '10.0.1.5': 'web-1' }, undefined]);
  });

  it('gives no name to an address whose own interface is unknown, and mixes no two machines', async () => {
    const flow = { srcaddr: '10.0.1.5', 'interface-id': 'eni-0f', 'vpc-id': 'vpc-0a', 'flow-direction': 'egress' };
    const [finding] = await findingsOf([flowOf(flow, directed)], rules);
    const alert = writeAlert(finding!, { ...origin, names: namesOf({}, tagged) });
    const body = JSON.parse(alert.body) as AlertBody;
    expect(alert.text).toContain('Who: eni-0f not known then.');
    expect(body.evidences[0]!.src_endpoint).not.toHaveProperty('name');
    expect(body.evidences[0]!.src_endpoint!.interface_uid).toBe('eni-0f');
    expect(body.resources.every((resource) => !('name' in resource))).toBe(true);
  });

  it('leaves names that are not certain out of digests and of OCSF', async () => {
    const Attachment = { InstanceId: 'i-0a', AttachTime: '2026-11-24T08:59:00Z' };
    const findings = await findingsOf(
      ['10.0.1.5', '10.0.1.6'].map((srcaddr) => flowOf({ srcaddr, 'interface-id': 'eni-0a' })),
      rules,
    );
    const { text, body } = writeDigest(findings, { ...origin, names: namesOf({ Attachment }, tagged) });
    expect(text).toContain('- 10.0.1.5 -> 10.0.2.7: ');
    expect(text).toContain('Names as of: 2026-11-24 09:00:50 UTC');
    expect((JSON.parse(body) as AlertBody).evidences[0]!.src_endpoint).not.toHaveProperty('name');
  });

  it('shortens unknown interfaces, of which a flow log may have any number and length', async () => {
    const ids = Array.from({ length: 8 }, (_, n) => `eni-${n}${'x'.repeat(200)}`);
    const findings = await findingsOf(
      ids.map((id) => flowOf({ 'interface-id': id, srcaddr: '10.9.9.9' })),
      rules,
    );
    const alert = writeAlert(findings[0]!, { ...origin, names: namesOf({}, tagged) });
    const who = alert.text.split('\n').find((line) => line.startsWith('Who: '))!;
    expect(who).toContain('4 more not known then');
    expect(who.length).toBeLessThan(400);
  });

  it.each(['"', '\u0007', '漢', '😀'])(
    'fits into a message when a hundred evidences have tags of %j',
    async (character) => {
      const long = character.repeat(256);
      const instances = readInstances({
        Reservations: [
          {
            Instances: [
              {
                InstanceId: 'i-0a',
                Tags: [
                  { Key: 'Name', Value: long },
                  { Key: 'Owner', Value: long },
                ],
              },
            ],
          },
        ],
      });
      const addresses = Array.from({ length: 100 }, (_, n) => `10.0.9.${n}`);
      const NetworkInterfaces = ['10.0.1.5', ...addresses].map((PrivateIpAddress, n) =>
        described({
          NetworkInterfaceId: `eni-${n}`,
          PrivateIpAddress,
          PrivateIpAddresses: [],
          Attachment: { InstanceId: 'i-0a' },
        }),
      );
      const names = new NameTable(readAddresses({ NetworkInterfaces }, instances, at));
      const byTarget = rulesOf(
        ruleText(
          '{action: ACCEPT}',
          'type: value_count, group-by: [srcaddr], timespan: 1h, condition: {field: dstaddr, gte: 80}',
        ),
      );
      const flows = addresses.map((dstaddr) => flowOf({ srcaddr: '10.0.1.5', dstaddr, 'interface-id': 'eni-0' }));
      const [finding] = await findingsOf(flows, byTarget);
      const alert = writeAlert(finding!, { ...origin, names });
      expectAlertBody(JSON.parse(alert.body));
      // The message of a topic has both texts as values of JSON.
      expect(
        Buffer.byteLength(JSON.stringify({ default: alert.body, email: alert.text, sms: alert.subject })),
      ).toBeLessThan(200_000);
    },
  );

  it('names the interface of a key without addresses', async () => {
    const byInterface = rulesOf(
      ruleText('{action: ACCEPT}', 'type: event_count, group-by: [interface-id], timespan: 1h, condition: {gte: 1}'),
    );
    const [finding] = await findingsOf(
      [flowOf({ srcaddr: '10.9.9.9', dstaddr: '10.9.9.8', 'interface-id': 'eni-0a' })],
      byInterface,
    );
    const alert = writeAlert(finding!, { ...origin, names: namesOf({}, tagged) });
    expect(alert.text).toContain('Who: 10.0.1.5 is instance web-1 (i-0a), owner shop.');
  });
});

describe('an alert with tags in the flow log', () => {
  const format = formatOf(logFormatWith({ instance: ['Name', 'team'], interface: ['Name'] }));
  const tagKeys = tagKeysByField({ instance: ['Name', 'team'], interface: ['Name'] });
  const values = {
    ...{ version: 11, 'flow-direction': 'egress', 'pkt-srcaddr': '10.0.1.5', 'pkt-dstaddr': '10.0.2.7' },
    ...{ 'instance-id': 'i-0a', 'vpc-id': 'vpc-0a', 'instance-tag': 'web%20server', 'instance-tag-2': 'B%C3%BCro' },
  };

  async function taggedAlert(changes: Record<string, string> = {}, context: Partial<Context> = { tagKeys }) {
    const flow = flowOf({ ...values, ...changes }, format);
    const [finding] = await findingsOf([flow], rules);
    const alert = writeAlert(finding!, { ...origin, ...context });
    const body = JSON.parse(alert.body) as AlertBody;
    expectAlertBody(body);
    const lineOf = (label: string) => alert.text.split('\n').find((line) => line.startsWith(`${label}: `));
    return { text: alert.text, body, who: lineOf('Who'), tags: lineOf('Tags') };
  }

  it('names an address by its tags when a look-up is old or found nobody, and by the look-up otherwise', async () => {
    const [id, vpc] = ['eni-0a1b2c3d', 'vpc-0a1b2c3d'];
    const other = {
      interface: 'eni-0b1b2c3d',
      kind: 'instance',
      id: 'i-0b',
      name: 'looked-up',
      vpc,
      groups: [],
    } as const;
    const found = foundEntry(undefined, [{ ...other, address: '10.0.1.5', isShared: false }], at);
    const gone = missingEntry(found, { reason: 'not found', time: at + 1 });
    const whoOf = async (entry: NameEntry, now: number) => {
      const names = new StoredNames([], new Map([[`address#${vpc}#10.0.1.5`, entry]]), now);
      // Without a direction, only the address decides who is looked up; the tags are those of the interface.
      const byAddress = { addressOf: (one: string) => names.addressOf(one, { own: [], interfaces: [], vpcs: [vpc] }) };
      const source = { ...byAddress, interfaceOf: () => undefined, time: at };
      return (await taggedAlert({ 'interface-id': id, 'vpc-id': vpc }, { tagKeys, names: source })).who;
    };
    expect(await whoOf(found, at)).toContain('looked-up');
    expect(await whoOf(found, at + 3600)).toContain('web server');
    expect(await whoOf(gone, at + 1)).toContain('web server');
  });

  it('says who has the address of the logging interface when no other source knows it', async () => {
    const { who, tags, body } = await taggedAlert();
    expect(who).toBe('Who: 10.0.1.5 is instance web server (i-0a), owner Büro, by its tags in the flow log');
    expect(tags).toBe('Tags: Name web server; team Büro');
    expect(body.names.interfaces).toEqual([
      expect.objectContaining({ address: '10.0.1.5', name: 'web server', owner: 'Büro', isByTags: true }),
    ]);
    expect(body.evidences[0]!.src_endpoint).toMatchObject({ name: 'web server', owner: { name: 'Büro' } });
    expect(body.evidences[0]!.dst_endpoint).not.toHaveProperty('name');
    expect(body.evidence['instance-tag']).toEqual(['web%20server']);
  });

  it('names the destination when its interface has logged the flow', async () => {
    const { who } = await taggedAlert({ 'flow-direction': 'ingress' });
    expect(who).toContain('Who: 10.0.2.7 is instance web server');
  });

  it('names nobody when the packet has another address than the interface, as at a NAT gateway', async () => {
    expect((await taggedAlert({ 'pkt-srcaddr': '10.0.9.9' })).who).toBeUndefined();
  });

  it('names an interface without an instance by the tag of the interface', async () => {
    const { who } = await taggedAlert({
      ...{ 'instance-id': '-', 'instance-tag': '-', 'instance-tag-2': '-', 'interface-tag': 'nat-a' },
    });
    expect(who).toBe('Who: 10.0.1.5 is network interface nat-a, by its tags in the flow log');
  });

  it('prefers what EC2 has said of the address', async () => {
    const { who } = await taggedAlert({ 'interface-id': 'eni-0a' }, { tagKeys, names: namesOf({}, tagged) });
    expect(who).toBe('Who: 10.0.1.5 is instance web-1 (i-0a), owner shop. As of 2026-11-24 09:00:50 UTC');
    const other = await taggedAlert({ 'interface-id': 'eni-0f' }, { tagKeys, names: namesOf({}, tagged) });
    expect(other.who).toBe('Who: 10.0.1.5 is instance web server (i-0a), owner Büro, by its tags in the flow log');
    expect(other.body.names.unknownInterfaces).toEqual([]);
  });

  it('names nobody when flows of an address have different tags', async () => {
    const flows = ['a', 'b'].map((name, n) => flowOf({ ...values, 'instance-tag': name, dstport: n }, format));
    const [finding] = await findingsOf(flows, rules);
    const { text } = writeAlert(finding!, { ...origin, tagKeys });
    expect(text).not.toContain('Who:');
    expect(text).toContain('Tags: Name a, b; team Büro\n');
  });

  it('shows the tags by their fields, and no name, when the keys are unknown', async () => {
    const { who, tags, body } = await taggedAlert({}, {});
    expect(who).toBeUndefined();
    expect(tags).toBe('Tags: instance-tag web server; instance-tag-2 Büro');
    expect(body.names).not.toHaveProperty('interfaces');
  });

  it.each([
    ['malformed percent sequences', '%%2%zz%C0%80%E2', '%%2%zz%C0%80%E2'],
    ['control characters', 'a%00b%1B%5B31mc%7F', 'a?b?[31mc?'],
    ['line breaks', 'a%0D%0AWho: b'.replaceAll(' ', '%20'), 'a Who: b'],
    ['right-to-left marks', 'a%E2%80%AEb%E2%81%A6c', 'a?b?c'],
    ['HTML', '%3Cscript%3Ealert(1)%3C/script%3E', '<script>alert(1)</script>'],
    ['4,096 characters', 'x'.repeat(4096), `${'x'.repeat(61)}...`],
    ['1,024 encoded characters', '%F0%9F%98%80'.repeat(341), `${'😀'.repeat(30)}`],
  ])('has a name on one line, in few printable characters, when a tag has %s', async (_, logged, shown) => {
    const { who, text, body } = await taggedAlert({ 'instance-tag': logged });
    expect(who).toContain(`10.0.1.5 is instance ${shown}`);
    expect(who!.length).toBeLessThan(200);
    expect(text).not.toMatch(/[^\P{C}\n]/u);
    const { name } = body.evidences[0]!.src_endpoint!;
    expect(name!.length).toBeLessThanOrEqual(64);
    expect(body.evidence['instance-tag']).toEqual([logged.slice(0, 256)]);
  });

  it('stays below the size of a message for any tags', async () => {
    const hostile = fc.string({
      unit: fc.constantFrom('%', '2', '0', 'E', '8', 'A', '<', 'x'),
      minLength: 1,
      maxLength: 4096,
    });
    await fc.assert(
      fc.asyncProperty(hostile, async (logged) => {
        const { text, body } = await taggedAlert({ 'instance-tag': logged === '-' ? 'x' : logged });
        expect(text.split('\n').length).toBeLessThan(40);
        expect(JSON.stringify(body).length).toBeLessThan(20_000);
      }),
      { numRuns: 30 },
    );
  });

  it('shows the text of a tag in the key, and logs the key as it is', async () => {
    const byTag = rulesOf(
      ruleText('{action: ACCEPT}', 'type: event_count, group-by: [instance-tag], timespan: 1h, condition: {gte: 1}'),
    );
    const [finding] = await findingsOf([flowOf(values, format)], byTag);
    const { text, body } = writeAlert(finding!, { ...origin, tagKeys });
    expect(text.split('\n')[0]).toContain('HIGH: instance-tag web server: 1 flow record');
    expect((JSON.parse(body) as AlertBody).key).toEqual({ 'instance-tag': 'web%20server' });
    expect(text).toContain(
      `rules silence some_rule 'instance-tag=web server'`.replace('some_rule', finding!.rule.name),
    );
    expect(text).toContain(`instance_tag = 'web%20server'`);
    expect(text).toContain(`'instance-tag=web%20server'`);
  });

  it('shows the texts of distinct tags', async () => {
    const byTag = rulesOf(
      ruleText(
        '{action: ACCEPT}',
        'type: value_count, group-by: [dstaddr], timespan: 1h, condition: {field: instance-tag, gte: 1}',
      ),
    );
    const [finding] = await findingsOf([flowOf(values, format)], byTag);
    const { text, body } = writeAlert(finding!, { ...origin, tagKeys });
    expect(text).toContain('All values of instance-tag: web server\n');
    const { distinct, evidences } = JSON.parse(body) as AlertBody;
    expect(distinct?.values).toEqual(['web%20server']);
    expect(evidences.at(-1)!.data).toMatchObject({ 'instance-tag': 'web server' });
  });

  it('takes the keys of the compiled rules', () => {
    const ruleSet = ruleSetOf([], networks);
    const keysWith = (tagFields?: TagFields) =>
      alertContext(origin, loadRules({ ...ruleSet, tagFields }), at, {}).tagKeys;
    expect(keysWith({ instance: ['Name', 'team'], interface: ['Name'] })).toEqual(tagKeys);
    expect(keysWith()).toBeUndefined();
  });

  it('names the addresses of a digest', async () => {
    const flows = ['10.0.2.7', '10.0.2.8'].map((dstaddr) =>
      flowOf({ ...values, dstaddr, 'pkt-dstaddr': dstaddr }, format),
    );
    const { text } = writeDigest(await findingsOf(flows, rules), { ...origin, tagKeys });
    expect(text).toContain('- 10.0.1.5 -> 10.0.2.7 (web server): ');
  });
});

describe('an alert with names that another function looks up', () => {
  const [id, vpc] = ['eni-0a1b2c3d', 'vpc-0a1b2c3d'];
  const place = `address#${vpc}#10.0.1.5`;
  const withVpc = formatOf(`${directed.names.join(' ')} vpc-id`);
  const flow = (srcaddr = '10.0.1.5') => flowOf({ srcaddr, 'interface-id': id, 'vpc-id': vpc }, withVpc);

  function found(name: string, more: Partial<KnownAddress> = {}): KnownAddress {
    const one = { interface: id, kind: 'instance', id: `i-${name}`, name, vpc, groups: [] } as const;
    return { ...one, address: '10.0.1.5', isShared: false, ...more };
  }

  /** Writes the alert and a digest, with the entry of the address. */
  async function textsOf(entry: NameEntry, now = at) {
    const names = new StoredNames([{ address: '10.0.1.5', place: vpc }], new Map([[place, entry]]), now);
    const findings = await findingsOf([flow(), flow('10.0.1.6')], rules);
    const alert = writeAlert(findings.find(({ delta }) => delta.key.pk.includes('10.0.1.5'))!, { ...origin, names });
    const body = JSON.parse(alert.body) as AlertBody;
    expectAlertBody(body);
    const digest = writeDigest(findings, { ...origin, names });
    const who = alert.text.split('\n').find((line) => line.startsWith('Who: '));
    return { who, endpoint: body.evidences[0]!.src_endpoint, digest: digest.text };
  }

  const [before, within] = [epoch - 7200, at + 10];

  it('has the name everywhere when the holder was seen before the window', async () => {
    const { who, endpoint, digest } = await textsOf(foundEntry(undefined, [found('web-1')], at));
    expect(who).toBe('Who: 10.0.1.5 is instance web-1 (i-web-1). As of 2026-11-24 09:00:50 UTC');
    expect(endpoint).toHaveProperty('name', 'web-1');
    expect(digest).toContain('(web-1)');
  });

  it('says who had the address before, and only in the e-mail, when the holder changed in the window or later', async () => {
    const entry = foundEntry(foundEntry(undefined, [found('web-1')], before), [found('web-2')], within);
    const { who, endpoint, digest } = await textsOf(entry);
    expect(who).toContain(
      'is instance web-2 (i-web-2), until 2026-11-24 07:00:00 UTC or later instance web-1 (i-web-1)',
    );
    expect(endpoint).not.toHaveProperty('name');
    expect(digest).not.toContain('web-');
  });

  it('says nothing about a former holder when the present one was seen before the window', async () => {
    const seen = foundEntry(foundEntry(undefined, [found('web-1')], before - 10), [found('web-2')], before);
    const { who, endpoint } = await textsOf(foundEntry(seen, [found('web-2')], at));
    expect(who).not.toContain('web-1');
    expect(endpoint).toHaveProperty('name', 'web-2');
  });

  it('says that a holder is gone, and only in the e-mail', async () => {
    const entry = missingEntry(foundEntry(undefined, [found('web-1')], before), { reason: 'not found', time: at });
    const { who, endpoint, digest } = await textsOf(entry);
    expect(who).toBe(
      'Who: 10.0.1.5 was instance web-1 (i-web-1), gone by 2026-11-24 09:00:50 UTC. As of 2026-11-24 07:00:00 UTC',
    );
    expect(endpoint).not.toHaveProperty('name');
    expect(digest).not.toContain('web-1');
  });

  it('has an old name of an address of another interface only in the e-mail', async () => {
    const entry = foundEntry(undefined, [found('web-1', { interface: 'eni-0b1b2c3d' })], before);
    const { who, endpoint, digest } = await textsOf(entry);
    expect(who).toBe('Who: 10.0.1.5 is instance web-1 (i-web-1). As of 2026-11-24 07:00:00 UTC');
    expect(endpoint).not.toHaveProperty('name');
    expect(digest).not.toContain('web-1');
  });
});

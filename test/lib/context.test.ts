import { describe, expect, it } from 'vitest';
import { readConfig } from '../../lambda/config.ts';
import { defaultFormat } from '../../lambda/core/format.ts';
import { readContext } from '../../lib/context.ts';

const vpcId = 'vpc-0123456789abcdef0';

/** What the one error says. */
function mistakes(context: Record<string, unknown>): string[] {
  try {
    readContext(context);
  } catch (error) {
    expect(error).toMatchObject({ name: 'FlowError', code: 'CONFIG_INVALID' });
    return (error as Error).message.split('; ');
  }
  return [];
}

describe('context', () => {
  it('asks for nothing: no mail, no flow logs, the default format, a month', () => {
    expect(readContext({})).toEqual({
      alertEmails: [],
      vpcIds: [],
      subnetIds: [],
      networkInterfaceIds: [],
      monitoredNetworks: [],
      logFormats: [defaultFormat],
      retentionDays: 30,
      messagesPerBatch: 20,
      messagesPerMinute: 60,
    });
  });

  it('takes lists as cdk.json has them', () => {
    const context = {
      alertEmails: ['security@example.com'],
      vpcIds: [vpcId, 'vpc-01234567'],
      subnetIds: ['subnet-0123456789abcdef0'],
      networkInterfaceIds: ['eni-0123456789abcdef0'],
      monitoredNetworks: ['10.0.0.0/16', 'fd00::/56'],
      logFormats: [defaultFormat, '${version} ${srcaddr}'],
      retentionDays: 90,
      messagesPerBatch: 1,
      messagesPerMinute: 1000,
    };

    expect(readContext(context)).toEqual(context);
  });

  it('takes texts as -c gives them', () => {
    const context = readContext({
      alertEmails: 'security@example.com,on-call@example.com',
      vpcIds: `${vpcId}, vpc-01234567`,
      subnetIds: '',
      monitoredNetworks: '10.0.0.0/16,10.1.0.0/16',
      logFormats: '${version} ${srcaddr}\nversion,dstaddr,srcaddr',
      retentionDays: '90',
    });

    expect(context).toMatchObject({
      alertEmails: ['security@example.com', 'on-call@example.com'],
      vpcIds: [vpcId, 'vpc-01234567'],
      subnetIds: [],
      monitoredNetworks: ['10.0.0.0/16', '10.1.0.0/16'],
      logFormats: ['${version} ${srcaddr}', 'version,dstaddr,srcaddr'],
      retentionDays: 90,
    });
  });

  it('takes what is said twice as said once', () => {
    expect(readContext({ vpcIds: `${vpcId},${vpcId}`, monitoredNetworks: '10.0.0.0/16' }).vpcIds).toEqual([vpcId]);
  });

  it('needs the networks of what is logged, or accepted flows from elsewhere would be taken for seen', () => {
    for (const ids of [{ vpcIds: vpcId }, { subnetIds: 'subnet-01234567' }, { networkInterfaceIds: 'eni-01234567' }]) {
      expect(mistakes(ids)).toEqual([
        expect.stringContaining('monitoredNetworks must name the CIDR blocks of what is logged'),
      ]);
    }
  });

  it("leaves CDK's own context alone", () => {
    const own = { '@aws-cdk/core:some-flag': true, 'aws:cdk:bundling-stacks': [], 'cli-telemetry': false };

    expect(mistakes({ ...own, 'availability-zones:account=123456789012:region=eu-central-1': [] })).toEqual([]);
  });

  it.each([
    ['vpcIds', 'vpc-1', 'expected the id of a VPC, such as vpc-0123456789abcdef0'],
    ['vpcIds', 'vpc-0123456789ABCDEF0', 'expected the id of a VPC, such as vpc-0123456789abcdef0'],
    ['vpcIds', 'subnet-0123456789abcdef0', 'expected the id of a VPC, such as vpc-0123456789abcdef0'],
    ['subnetIds', vpcId, 'expected the id of a subnet, such as subnet-0123456789abcdef0'],
    ['networkInterfaceIds', 'eni', 'expected the id of a network interface, such as eni-0123456789abcdef0'],
    ['alertEmails', 'security', 'expected an e-mail address'],
    ['alertEmails', 'security@example', 'expected an e-mail address'],
  ])('fails on %s %j', (name, text, expected) => {
    const mistake = `${name}: ${expected}, got ${JSON.stringify(text)}`;

    const monitoredNetworks = '10.0.0.0/16';
    expect(mistakes({ monitoredNetworks, [name]: text })).toEqual([mistake]);
    expect(mistakes({ monitoredNetworks, [name]: [text] })).toEqual([mistake]);
  });

  it.each([[{}], [5], [[5]], [true]])('fails on %j for a list', (value) => {
    expect(mistakes({ vpcIds: value })).toEqual([`vpcIds must be a list of texts, got ${JSON.stringify(value)}`]);
  });

  it('fails on an item that a stray comma leaves empty', () => {
    expect(mistakes({ vpcIds: `${vpcId},`, monitoredNetworks: '10.0.0.0/16' })).toEqual([
      'vpcIds: expected the id of a VPC, such as vpc-0123456789abcdef0, got ""',
    ]);
  });

  it('fails on a format with a field that AWS does not publish', () => {
    expect(mistakes({ logFormats: 'version srcadr' })).toEqual([
      'logFormats: the format names "srcadr", expected fields that VPC Flow Logs publishes, got "version srcadr"',
    ]);
  });

  it.each([[14], [3651], ['14'], [15.5], [''], ['a month'], [null], [[30]]])(
    'fails on %j for retentionDays',
    (days) => {
      const expected = 'retentionDays must be a whole number from 15 to 3650, got ';

      expect(mistakes({ retentionDays: days })).toEqual(days === null ? [] : [`${expected}${JSON.stringify(days)}`]);
    },
  );

  it.each([[15], [3650]])('takes %i for retentionDays, as the function does', (days) => {
    const environment = (retention: number) => ({
      COUNTER_TABLE_NAME: 'counters',
      ALERT_TOPIC_ARN: 'arn',
      RULES_FILE: './rules.json',
      COUNTER_RETENTION_DAYS: String(retention),
    });

    expect(readContext({ retentionDays: days }).retentionDays).toBe(days);
    expect(() => readConfig(environment(days))).not.toThrow();
    expect(() => readConfig(environment(days === 15 ? 14 : 3651))).toThrow('15 to 3650');
  });

  it.each([[0], [1001], ['many']])('fails on %j for messagesPerMinute', (messages) => {
    expect(mistakes({ messagesPerMinute: messages })).toEqual([
      `messagesPerMinute must be a whole number from 1 to 1000, got ${JSON.stringify(messages)}`,
    ]);
  });

  it.each(['vpcId', 'VpcIds', 'emails', 'retention_days'])('fails on %s, which is no name of ours', (name) => {
    expect(mistakes({ [name]: 'x' })).toEqual([
      `${name} is not known, got "x", expected one of alertEmails, vpcIds, subnetIds, networkInterfaceIds, monitoredNetworks, logFormats, retentionDays, messagesPerBatch, messagesPerMinute`,
    ]);
  });

  it('fails with all mistakes at once', () => {
    expect(mistakes({ vpcIds: 'vpc-1,vpc-2', alertEmails: 'x', retentionDays: 0, vpcId: 'x' })).toHaveLength(6);
  });
});

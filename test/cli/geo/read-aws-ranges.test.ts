import { describe, expect, it } from 'vitest';
import { readAwsRanges } from '../../../cli/geo/read-aws-ranges.ts';

const entry = (ip_prefix: string, service: string, region = 'eu-central-1') => ({ ip_prefix, region, service });
const read = (prefixes: unknown, rest: object = { ipv6_prefixes: [] }) =>
  readAwsRanges(JSON.stringify({ prefixes, ...rest }), 'a.json');
const servicesOf = (prefixes: readonly object[]) => read(prefixes).ranges.ipv4.map(({ service }) => service);

describe('readAwsRanges', () => {
  it.each([
    [['AMAZON', 'S3'], 'S3'],
    [['S3', 'AMAZON'], 'S3'],
    [['AMAZON', 'EC2', 'S3'], 'S3'],
    [['AMAZON', 'EC2'], 'EC2'],
    [['ROUTE53', 'CLOUDFRONT'], 'CLOUDFRONT'],
    [['AMAZON'], 'AMAZON'],
  ])('prefers the service that says most when a prefix has %j', (services, expected) => {
    expect(servicesOf(services.map((service) => entry('192.0.2.0/24', service)))).toEqual([expected]);
  });

  it('prefers the smallest prefix, also when its service is AMAZON', () => {
    const prefixes = [entry('192.0.2.0/24', 'S3', 'us-east-1'), entry('192.0.2.64/26', 'AMAZON')];
    expect(read(prefixes).ranges.ipv4).toEqual([
      { first: 0xc000_0200n, last: 0xc000_023fn, region: 'us-east-1', service: 'S3' },
      { first: 0xc000_0240n, last: 0xc000_027fn, region: 'eu-central-1', service: 'AMAZON' },
      { first: 0xc000_0280n, last: 0xc000_02ffn, region: 'us-east-1', service: 'S3' },
    ]);
  });

  it('reads IPv6 prefixes and the day of the file', () => {
    const ipv6 = [{ ipv6_prefix: '2001:db8::/33', region: 'GLOBAL', service: 'CLOUDFRONT' }];
    const { ranges, prefixes, day } = read([], { ipv6_prefixes: ipv6, createDate: '2026-11-29-01-02-03' });
    const first = 0x2001_0db8n << 96n;
    expect(ranges.ipv6).toEqual([{ first, last: first + 2n ** 95n - 1n, region: 'GLOBAL', service: 'CLOUDFRONT' }]);
    expect({ prefixes, day }).toEqual({ prefixes: 1, day: '2026-11-29' });
    expect(read([]).day).toBeUndefined();
  });

  it.each([
    ['null', null],
    ['a prefix with host bits', entry('192.0.2.1/24', 'S3')],
    ['an IPv6 prefix', entry('2001:db8::/32', 'S3')],
    ['a service with a tab', entry('192.0.2.0/24', 'S\t3')],
    ['no region', { ip_prefix: '192.0.2.0/24', service: 'S3' }],
  ])('leaves out %s and says where it is', (_, bad) => {
    const { ranges, leftOut } = read([bad, entry('198.51.100.0/24', 'S3')]);
    expect(ranges.ipv4).toHaveLength(1);
    expect(leftOut).toEqual([
      { where: 'a.json: prefixes[0]', problem: expect.stringMatching(/^the prefix is invalid/) },
    ]);
  });

  it.each([
    ['{', 'a.json is invalid: expected JSON: '],
    ['null', "a.json is invalid: expected AWS's ip-ranges.json"],
    ['{"prefixes":{}}', "a.json is invalid: prefixes is missing, expected AWS's ip-ranges.json"],
    ['{"prefixes":[]}', "a.json is invalid: ipv6_prefixes is missing, expected AWS's ip-ranges.json"],
  ])('throws when the text is %j', (text, message) => {
    expect(() => readAwsRanges(text, 'a.json')).toThrow(message);
  });
});

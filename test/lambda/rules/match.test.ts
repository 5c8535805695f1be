import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flowOfValues } from '../../../lambda/flow-log/flow.ts';
import { matcher, type OwnTest } from '../../../lambda/rules/match.ts';
import type { Regex } from '../../../lambda/rules/model.ts';
import { compileRegex } from '../../../sigma/compile/regex.ts';
import { directed, flowOf, formatOf } from '../../support/flows.ts';
import { rulesOf, ruleText } from '../../support/rules.ts';

/** Returns whether a detection with this selection, as YAML flow text, matches a flow with these values. */
function matches(selection: string, values: Record<string, string | number> = {}, format = directed): boolean {
  const rules = rulesOf(
    ruleText(selection, 'type: event_count, group-by: [srcaddr], timespan: 1h, condition: {gte: 1}'),
  );
  return [...rules.series.values()][0]!.matches(flowOf(values, format));
}

describe('matcher', () => {
  it.each([
    ['{action: ACCEPT}', {}, true],
    ['{action: accept}', {}, true],
    ['{action: REJECT}', {}, false],
    ['{dstport: 443}', {}, true],
    ["{dstport: '443'}", {}, true],
    ['{dstport: [22, 443]}', {}, true],
    ['{dstport: [22, 3389]}', {}, false],
    ['{dstport: 443, action: ACCEPT}', {}, true],
    ['{dstport: 443, action: REJECT}', {}, false],
    ['[{dstport: 22}, {action: ACCEPT}]', {}, true],
    ['[{dstport: 22}, {action: REJECT}]', {}, false],
    ['{srcaddr|cidr: 10.0.0.0/8}', {}, true],
    ["{srcaddr|cidr: [192.168.0.0/16, 'fc00::/7']}", { srcaddr: 'fc00::5' }, true],
    ["{srcaddr|cidr: 'fc00::/7'}", {}, false],
    ["{srcaddr|cidr|expand: '%internal_networks%'}", {}, true],
    ["{srcaddr|expand|cidr: '%suspicious_ranges%'}", {}, false],
    ['{srcaddr|startswith: 10.0.}', {}, true],
    ['{srcaddr|startswith: 0.1}', {}, false],
    ['{srcaddr|endswith: .5}', {}, true],
    ['{srcaddr|startswith: 10.1}', { srcaddr: '10.10.0.1' }, true],
    ['{srcaddr|startswith: 10.0}', { srcaddr: '10.1.0.1' }, false],
    ['{account-id: 012345678901}', { 'account-id': '012345678901' }, true],
    ['{srcaddr|contains: .0.}', {}, true],
    ['{interface-id: eni-0a*0718}', {}, true],
    ['{interface-id: eni-0a?b2c3d4e5f60718}', {}, true],
    ['{interface-id: eni-?}', {}, false],
    ["{interface-id: 'eni-\\*'}", {}, false],
    ['{dstport|gt: 442}', {}, true],
    ['{dstport|gt: 443}', {}, false],
    ['{dstport|gte: 443}', {}, true],
    ['{dstport|lt: 444}', {}, true],
    ['{dstport|lte: 442}', {}, false],
    ['{bytes|gte: 9223372036854775000}', { bytes: '9223372036854775807' }, true],
    ['{bytes|gt: 9007199254740992}', { bytes: '9007199254740993' }, true],
    ['{bytes|lte: 9007199254740992}', { bytes: '9007199254740993' }, false],
    ['{flow-direction|exists: true}', {}, false],
    ['{flow-direction|exists: false}', {}, true],
    ['{flow-direction: null}', {}, true],
    ['{flow-direction: [null]}', {}, true],
    ['[{flow-direction: null}, {flow-direction: egress}]', { 'flow-direction': 'egress' }, true],
    ["{interface-id: ''}", {}, false],
    ["{flow-direction: ''}", {}, false],
    ["[{interface-id: ''}, {flow-direction: null}]", {}, true],
    ['[[{dstport: 22}], [{dstport: 443}, {dstport: 80}]]', {}, true],
    ['{interface-id: ENI-0A1B2C3D4E5F60718}', {}, true],
    ['{interface-id|cased: ENI-0A1B2C3D4E5F60718}', {}, false],
    ['{interface-id|cased: eni-0a1b2c3d4e5f60718}', {}, true],
    ['{interface-id|startswith|cased: ENI}', {}, false],
    ['{interface-id|cased|startswith: eni}', {}, true],
    ['{action|cased: ACCEPT}', {}, true],
    ['{interface-id|contains|all: [0a1b, "0718"]}', {}, true],
    ['{interface-id|contains|all: [0a1b, "0719"]}', {}, false],
    ['{interface-id|all|contains: [0a1b, "0719"]}', {}, false],
    ['{srcaddr|cidr|all: [10.0.0.0/8, 10.0.1.0/24]}', {}, true],
    ['{srcaddr|cidr|all: [10.0.0.0/8, 10.0.2.0/24]}', {}, false],
    ['{bytes|gt|all: [10, 999]}', {}, true],
    ['{dstport|neq: 443}', {}, false],
    ['{dstport|neq: [22, 80]}', {}, true],
    ['{dstport|neq: [22, 443]}', {}, false],
    ['{srcport|neq: 443}', { srcport: '-' }, true],
    ['{srcaddr|cidr|neq: 10.0.0.0/8}', {}, false],
    ['{srcaddr|neq|cidr: 192.168.0.0/16}', {}, true],
    ["{srcaddr|neq|expand|cidr: '%internal_networks%'}", {}, false],
    ["{srcaddr|cidr|expand|neq: '%suspicious_ranges%'}", {}, true],
    ['{interface-id|contains|all|neq: [0a1b, "0719"]}', {}, true],
    ['{flow-direction|neq: null}', {}, false],
    ['{flow-direction|exists|neq: true}', {}, true],
    ['{bytes|gt|neq: 1000}', {}, true],
    ['{dstport|contains|neq: 44}', {}, false],
    ['{interface-id|re: "^eni-[0-9a-f]{17}$"}', {}, true],
    ['{interface-id|re: "[A-F]"}', {}, false],
    ['{interface-id|re|i: "[A-F]"}', {}, true],
    ['{interface-id|re|i|m|s: "^ENI.0A"}', {}, true],
    ['{interface-id|re|neq: "^eni"}', {}, false],
    ['{interface-id|re|all: ["^eni", "718$"]}', {}, true],
    ['{interface-id|re: ["^x", "718$"]}', {}, true],
    ["{srcaddr|re: '^10\\.0\\.[0-5]\\.'}", {}, true],
    ['{action|re: "^ACC"}', {}, true],
    ['{action|re: "^(REJ|rej)"}', {}, false],
    ['{protocol|re: "^(tcp|udp)$"}', {}, true],
    ['{srcport|fieldref: dstport}', {}, false],
    ['{srcport|fieldref: dstport}', { srcport: 443 }, true],
    ['{srcport|fieldref: dstport}', { srcport: '-', dstport: '-' }, false],
    ['{srcport|fieldref|neq: dstport}', {}, true],
    ['{srcport|neq|fieldref: dstport}', { srcport: 443 }, false],
    ['{srcport|fieldref: [bytes, dstport]}', { srcport: 443 }, true],
    ['{srcport|fieldref|all: [bytes, dstport]}', { srcport: 443 }, false],
    ['{src_ip|fieldref: dst_ip}', { srcaddr: '10.0.2.7' }, true],
    ['{bytes|fieldref|startswith: packets}', {}, true],
    ['{bytes|fieldref|endswith: packets}', {}, false],
    ['{bytes|fieldref|contains: packets}', { packets: 0 }, true],
    ['{interface-id|fieldref: account-id}', { 'interface-id': 'A', 'account-id': 'a' }, true],
    ['{interface-id|fieldref|cased: account-id}', { 'interface-id': 'A', 'account-id': 'a' }, false],
    ['{srcport|fieldref|gt: dstport}', {}, true],
    ['{bytes|gte|fieldref: packets}', { bytes: '9007199254740993', packets: '9007199254740993' }, true],
    ['{bytes|gt|fieldref: packets}', { bytes: '9007199254740993', packets: '9007199254740992' }, true],
    ['{bytes|lt|fieldref: packets}', { bytes: 9, packets: 10 }, true],
    ['{bytes|lte|fieldref: packets}', { bytes: 11, packets: 10 }, false],
    ['{end|hour: 9}', {}, true],
    ["{end|hour: '09'}", {}, true],
    ['{end|hour: [22, 23]}', {}, false],
    ['{start|minute: 0}', {}, true],
    ['{end|day: 24}', {}, true],
    ['{end|week: 48}', {}, true],
    ['{end|month: 11}', {}, true],
    ['{end|year: 2026}', {}, true],
    ['{end|year: 2026}', { end: '1795510850000' }, true],
    ['{end|hour|gte: 9}', {}, true],
    ['{end|hour|lt: 9}', {}, false],
    ['{end|hour|neq: 9}', {}, false],
    ['{end|hour: 9}', { end: '-' }, false],
    ['{protocol: tcp}', {}, true],
    ['{protocol: [udp, ICMP]}', {}, false],
    ['{protocol|contains: icmp}', { protocol: 58 }, true],
    ['{protocol|startswith: 1}', { protocol: 17 }, true],
    ['{protocol|neq: tcp}', { protocol: 17 }, true],
    ['{action: a*}', {}, true],
    ["{interface-id: 'eni-\\\\*'}", { 'interface-id': 'eni-\\x' }, true],
    ["{interface-id: 'eni-\\\\*'}", { 'interface-id': 'eni-x' }, false],
    ["{interface-id: 'eni-\\x'}", { 'interface-id': 'eni-\\x' }, true],
    ["{interface-id: 'eni-\\\\x'}", { 'interface-id': 'eni-\\x' }, true],
    ["{interface-id: 'eni-\\\\\\*'}", { 'interface-id': 'eni-\\*' }, true],
    ["{interface-id: 'eni-\\\\\\\\'}", { 'interface-id': 'eni-\\\\' }, true],
    ['{flow-direction: egress}', {}, false],
    ["{srcaddr: '2001:DB8:0::1'}", { srcaddr: '2001:db8::1' }, true],
    ['{srcaddr: 10.9.9.9}', { 'pkt-srcaddr': '10.9.9.9' }, true],
  ] as const)('matches %s with %j: %s', (selection, values, expected) => {
    expect(matches(selection, values)).toBe(expected);
  });

  it('matches no value when the format lacks the field', () => {
    const format = formatOf('srcaddr dstaddr');
    expect(matches('{dstport|gte: 0}', {}, format)).toBe(false);
    expect(matches('{dstport: 443}', {}, format)).toBe(false);
  });

  it('matches the same texts for wildcards as a regular expression', () => {
    const pattern = fc
      .array(fc.constantFrom('*', '?', 'a', 'b', 'ab'), { minLength: 1, maxLength: 8 })
      .map((parts) => parts.join(''));
    const text = fc.stringMatching(/^[ab]{1,12}$/);
    fc.assert(
      fc.property(pattern, text, (glob, value) => {
        const expression = new RegExp(`^${glob.replaceAll('*', '.*').replaceAll('?', '.')}$`);
        expect(matches(`{interface-id: '${glob}'}`, { 'interface-id': value })).toBe(expression.test(value));
      }),
    );
  });

  it('compares any two number fields as bigints', () => {
    const number = fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }), fc.bigInt({ min: 0n, max: 12n }));
    fc.assert(
      fc.property(number, number, (bytes, packets) => {
        const values = { bytes: String(bytes), packets: String(packets) };
        expect(matches('{bytes|fieldref: packets}', values)).toBe(bytes === packets);
        expect(matches('{bytes|fieldref|neq: packets}', values)).toBe(bytes !== packets);
        expect(matches('{bytes|fieldref|gt: packets}', values)).toBe(bytes > packets);
        expect(matches('{bytes|fieldref|gte: packets}', values)).toBe(bytes >= packets);
        expect(matches('{bytes|fieldref|lt: packets}', values)).toBe(bytes < packets);
        expect(matches('{bytes|fieldref|lte: packets}', values)).toBe(bytes <= packets);
      }),
      { numRuns: 30 },
    );
  });

  it('reads the hour of a flow as Date does', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9_999_999_999 }), fc.nat(23), (end, hour) => {
        const flowHour = new Date(end * 1000).getUTCHours();
        expect(matches(`{end|hour: ${hour}}`, { end })).toBe(flowHour === hour);
        expect(matches(`{end|hour|gte: ${hour}}`, { end })).toBe(flowHour >= hour);
      }),
      { numRuns: 30 },
    );
  });

  it('matches a pattern of 500 runs without exponential backtracking', () => {
    expect(matches(`{interface-id: '${'a*'.repeat(500)}b'}`, { 'interface-id': 'a'.repeat(4000) })).toBe(false);
  });
});

describe('matcher of a tag field', () => {
  const tagged = formatOf('version srcaddr dstaddr instance-tag instance-tag-2');
  /** Returns whether a selection matches a flow whose tag has this text. */
  const matchesTag = (selection: string, text: string) =>
    matches(selection, { version: 11, 'instance-tag': encodeURIComponent(text) }, tagged);

  it.each([
    ["{instance-tag: 'web server'}", 'web server', true],
    ["{instance-tag: 'WEB server'}", 'Web Server', true],
    ["{instance-tag|cased: 'WEB server'}", 'Web Server', false],
    ["{instance-tag: 'BÜRO'}", 'büro', true],
    ["{instance-tag: 'web?server'}", 'web/server', true],
    ["{instance-tag: 'web*'}", 'web server', true],
    ["{instance-tag|endswith: ' server'}", 'web server', true],
    ["{instance-tag|contains: '20'}", 'web server', false],
    ["{instance-tag|re: '^web s.rver$'}", 'web server', true],
    ["{instance-tag|re: '%'}", 'web server', false],
    ["{instance-tag: '100%'}", '100%', true],
    ["{instance-tag|neq: 'web server'}", 'web server', false],
    ["{instance-tag: ['db', 'web server']}", 'web server', true],
    ['{instance-tag: null}', 'web server', false],
  ])('compares %s with the text %s of the tag', (selection, text, expected) => {
    expect(matchesTag(selection, text)).toBe(expected);
  });

  it('compares the texts of two tags', () => {
    const values = { version: 11, 'instance-tag': 'web%20A', 'instance-tag-2': 'web%20%41' };
    expect(matches('{instance-tag|fieldref: instance-tag-2}', values, tagged)).toBe(true);
  });

  it('compares the value as logged when it is not encoded', () => {
    const values = { version: 11, 'instance-tag': '50%off%2' };
    expect(matches("{instance-tag: '50%off%2'}", values, tagged)).toBe(true);
  });

  it('agrees with a field of plain text, for any text and test', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', 'B', ' ', '%', '2', '0', 'ü', '€', '😀', '.', '\n'),
      minLength: 1,
      maxLength: 6,
    });
    const plainFormat = formatOf('version ecs-service-name');
    const tests = (value: string): OwnTest[] => [
      { in: [value.toLowerCase()] },
      { in: [value], cased: true },
      { like: [0, value.toLowerCase(), 1] },
      { like: [value, 0], cased: true },
      { re: compileRegex(value.replace(/[.]/g, '\\.'), true) as Regex },
      { exists: true },
    ];
    fc.assert(
      fc.property(text, text, (logged, value) => {
        for (const test of tests(value)) {
          const onTag = matcher(
            { field: 'instance-tag', tests: [test] },
            { lists: new Map(), regions: { current: undefined } },
          );
          const onText = matcher(
            { field: 'ecs-service-name', tests: [test] },
            { lists: new Map(), regions: { current: undefined } },
          );
          const tag = flowOfValues(formatOf('version instance-tag'), ['11', encodeURIComponent(logged)]);
          expect(onTag(tag)).toBe(onText(flowOfValues(plainFormat, ['7', logged])));
        }
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { directed, flowOf, formatOf } from '../../flows.ts';
import { rulesOf, ruleText } from '../../rules.ts';

/** Whether a detection with this selection, as YAML flow text, matches a flow with these values. */
function matches(selection: string, values: Record<string, string | number> = {}, format = directed): boolean {
  const rules = rulesOf(
    ruleText(selection, 'type: event_count, group-by: [srcaddr], timespan: 1h, condition: {gte: 1}'),
  );
  return [...rules.series.values()][0]!.matches(flowOf(values, format));
}

describe('a selection', () => {
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
    ['{flow-direction: [null, egress]}', { 'flow-direction': 'egress' }, true],
    ['{flow-direction: egress}', {}, false],
    ["{srcaddr: '2001:DB8:0::1'}", { srcaddr: '2001:db8::1' }, true],
    ['{srcaddr: 10.9.9.9}', { 'pkt-srcaddr': '10.9.9.9' }, true],
  ] as const)('%s with %j: %s', (selection, values, expected) => {
    expect(matches(selection, values)).toBe(expected);
  });

  it('matches no value where the format lacks the field', () => {
    const format = formatOf('srcaddr dstaddr');
    expect(matches('{dstport|gte: 0}', {}, format)).toBe(false);
    expect(matches('{dstport: 443}', {}, format)).toBe(false);
  });

  it('matches wildcards as the obvious regular expression does', () => {
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

  it('takes no more than linear time for a pattern that makes others hang', () => {
    expect(matches(`{interface-id: '${'a*'.repeat(500)}b'}`, { 'interface-id': 'a'.repeat(4000) })).toBe(false);
  });
});

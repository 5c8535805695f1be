import { describe, expect, it } from 'vitest';
import { fields } from '../../../lambda/flow-log/fields.ts';
import { loadRules } from '../../../lambda/rules/load.ts';
import { compileRules } from '../../../sigma/compile/compile-rules.ts';
import { fieldNamed } from '../../../sigma/compile/taxonomy.ts';
import { flowOf } from '../../support/flows.ts';
import { networks, ruleText } from '../../support/rules.ts';

/** Whether a rule with this selection, written for firewalls, matches a flow with these values. */
function matches(selection: string, values: Record<string, string | number> = {}, logsource = '{category: firewall}') {
  const text = `title: T\nlogsource: ${logsource}\ndetection: {selection: ${selection}, condition: selection}`;
  const { series } = loadRules(compileRules([{ path: 'rules/mine.yml', text }], networks));
  return [...series.values()][0]!.matches(flowOf(values));
}

describe('fieldNamed', () => {
  it('gives each field of the flow log for its own name', () => {
    for (const name of fields.keys()) expect(fieldNamed(name)).toBe(name);
  });

  it.each([
    ['src_ip', 'srcaddr'],
    ['dst_ip', 'dstaddr'],
    ['src_port', 'srcport'],
    ['dst_port', 'dstport'],
    ['ip_protocol', 'protocol'],
    ['proto', 'protocol'],
    ['blocked', 'action'],
    ['source.ip', 'srcaddr'],
    ['destination.port', 'dstport'],
    ['network.transport', 'protocol'],
  ])('gives for %s the flow log’s %s', (name, own) => {
    expect(fieldNamed(name)).toBe(own);
  });

  it.each([
    ['username', '"username" is no field of VPC Flow Logs: a flow record does not say who was logged in'],
    [
      'url',
      '"url" is no field of VPC Flow Logs: a flow record holds nothing of what was said, only who spoke to whom and how much',
    ],
    ['hostname', '"hostname" is no field of VPC Flow Logs: a flow record has addresses and no names of hosts'],
    ['app', '"app" is no field of VPC Flow Logs: a flow record does not tell applications, use the port'],
    [
      'rule_name',
      '"rule_name" is no field of VPC Flow Logs: a flow record does not say which rule or device decided, only action',
    ],
    ['dstprt', '"dstprt" is no field of VPC Flow Logs'],
    ['__proto__', '"__proto__" is no field of VPC Flow Logs'],
  ])('says why there is no %s', (name, problem) => {
    expect(fieldNamed(name)).toEqual({ problem });
  });
});

describe('a rule written for firewalls', () => {
  it.each([
    ['{dst_port: 443, src_ip|cidr: 10.0.0.0/8}', {}, true],
    ['{dst_ip|cidr|neq: 10.0.0.0/8}', {}, false],
    ...['accept', 'accepted', 'Allow', 'ALLOWED', 'forward', 'pass', 'permit', 'permitted', '2'].flatMap(
      (word): [string, Record<string, string>, boolean][] => [
        [`{action: ${word}}`, {}, true],
        [`{action: ${word}}`, { action: 'REJECT' }, false],
      ],
    ),
    ...['reject', 'rejected', 'Deny', 'denied', 'DROP', 'dropped', 'block', 'blocked', 'discard'].flatMap(
      (word): [string, Record<string, string>, boolean][] => [
        [`{action: ${word}}`, { action: 'REJECT' }, true],
        [`{action: ${word}}`, {}, false],
      ],
    ),
    ['{action: den*}', { action: 'REJECT' }, true],
    ['{action|contains: drop}', { action: 'REJECT' }, true],
    ['{action|re: "^den(y|ied)$"}', { action: 'REJECT' }, true],
    ['{action|neq: deny}', {}, true],
    ['{action: [deny, drop]}', { action: 'REJECT' }, true],
    ['{blocked: "false"}', {}, true],
    ['{blocked: false}', {}, true],
    ['{blocked: true}', {}, false],
    ['{blocked: true}', { action: 'REJECT' }, true],
    ['{blocked: null}', { action: '-' }, true],
    ['{ip_protocol: UDP}', { protocol: 17 }, true],
    ['{proto: [tcp, udp]}', { protocol: 1 }, false],
    ['{protocol: icmpv6}', { protocol: 58 }, true],
  ])('%s with %j: %s', (selection, values, expected) => {
    expect(matches(selection, values)).toBe(expected);
  });

  it('may name AWS too, and so may one for network connections', () => {
    for (const source of [
      '{category: firewall, product: aws, service: vpcflow}',
      '{category: network, service: connection}',
    ])
      expect(matches('{source.ip: 10.0.1.5}', {}, source)).toBe(true);
  });

  it('compiles with the constructs of public rules: lists of maps, actions or flags, a pattern in the condition', () => {
    const text = `
title: Database reached
status: stable
description: |
    Two lines
    of text.
author: somebody, somebody else
date: 2019-03-26
modified: 2022-10-10
tags:
    - attack.credential-access
    # - attack.of-later
logsource:
    category: firewall
detection:
    selection:
        - dst_port:
              - 1433
              - 3306
        - src_port:
              - 1433
              - 3306
    selection_allow1:
        action:
            - forward
            - accept
            - 2
    selection_allow2:
        blocked: "false"
    condition: selection and 1 of selection_allow*
falsepositives:
    - Unknown
level: low
`;
    const { series } = loadRules(compileRules([{ path: 'net_firewall_database.yml', text }], networks));
    const { matches } = [...series.values()][0]!;
    expect(matches(flowOf({ dstport: 3306 }))).toBe(true);
    expect(matches(flowOf({ srcport: 1433 }))).toBe(true);
    expect(matches(flowOf({ dstport: 3306, action: 'REJECT' }))).toBe(false);
    expect(matches(flowOf())).toBe(false);
  });

  it('may be counted by those names', () => {
    const correlation = (groupBy: string) =>
      `type: value_count, group-by: [${groupBy}], timespan: 1h, condition: {field: dst_port, gte: 5}`;
    const text = ruleText('{blocked: true}', correlation('src_ip, dst_ip'));
    const { rules, series } = compileRules([{ path: 'rules/mine.yml', text }], networks);
    expect(rules).toMatchObject([{ groupBy: ['srcaddr', 'dstaddr'] }]);
    expect(series).toMatchObject([
      { groupFields: ['dstaddr', 'srcaddr'], measure: { kind: 'distinct', field: 'dstport' } },
    ]);
    const twice = ruleText('{blocked: true}', correlation('src_ip, srcaddr'));
    expect(() => compileRules([{ path: 'rules/mine.yml', text: twice }], networks)).toThrow(
      'srcaddr stands there twice',
    );
    const none = ruleText('{blocked: true}', correlation('username'));
    expect(() => compileRules([{ path: 'rules/mine.yml', text: none }], networks)).toThrow(
      '"username" is no field of VPC Flow Logs: a flow record does not say who was logged in',
    );
  });

  it('takes a word for an action only there: where rules are written for flow logs, it is a mistake', () => {
    expect(() => matches('{action: allow}', {}, '{product: aws, service: vpcflow}')).toThrow(
      'rules/mine.yml:3: action: never is "allow", expected ACCEPT or REJECT',
    );
    expect(() => matches('{action: encrypt}')).toThrow(
      'rules/mine.yml:3: action: never is "encrypt", expected ACCEPT or REJECT',
    );
  });
});

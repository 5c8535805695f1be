import { describe, expect, it } from 'vitest';
import { fields } from '../../../lambda/flow-log/fields.ts';
import { loadRules } from '../../../lambda/rules/load.ts';
import { compileRules } from '../../../sigma/compile/compile-rules.ts';
import { fieldNamed } from '../../../sigma/compile/taxonomy.ts';
import { flowOf } from '../../support/flows.ts';
import { networks, ruleSetOf, ruleText } from '../../support/rules.ts';

/** Returns whether a rule for firewalls with this selection matches a flow with these values. */
function matches(selection: string, values: Record<string, string | number> = {}, logsource = '{category: firewall}') {
  const text = `title: T\nlogsource: ${logsource}\ndetection: {selection: ${selection}, condition: selection}`;
  const { series } = loadRules(compileRules([{ path: 'rules/mine.yml', text }], networks));
  return [...series.values()][0]!.matches(flowOf(values));
}

describe('fieldNamed', () => {
  it('resolves each field of the flow log to itself', () => {
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
    ['srcAddr', 'srcaddr'],
    ['dstPort', 'dstport'],
    ['logStatus', 'log-status'],
    ['account_id', 'account-id'],
    ['startTime', 'start'],
    ['src_country', 'src_country'],
    ['source.geo.country_iso_code', 'src_country'],
    ['destination.geo.country_iso_code', 'dst_country'],
    ['source.as.number', 'src_asn'],
    ['destination.as.number', 'dst_asn'],
  ])('resolves %s to %s', (name, own) => {
    expect(fieldNamed(name)).toBe(own);
  });

  it.each([
    ['username', 'VPC Flow Logs have no field "username": a flow record does not name users'],
    ['url', 'VPC Flow Logs have no field "url": a flow record has endpoints and amounts, but no payload'],
    ['hostname', 'VPC Flow Logs have no field "hostname": a flow record has addresses, but no host names'],
    ['app', 'VPC Flow Logs have no field "app": a flow record does not identify applications; use the port'],
    [
      'rule_name',
      'VPC Flow Logs have no field "rule_name": a flow record has the action, but not the rule or device that decided it',
    ],
    ['dstprt', 'VPC Flow Logs have no field "dstprt"'],
    ['__proto__', 'VPC Flow Logs have no field "__proto__"'],
  ])('refuses the field %s with the reason', (name, problem) => {
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
  ])('matches the selection %s against %j: %s', (selection, values, expected) => {
    expect(matches(selection, values)).toBe(expected);
  });

  it('accepts the log source of AWS firewalls and of network connections', () => {
    for (const source of [
      '{category: firewall, product: aws, service: vpcflow}',
      '{category: network, service: connection}',
    ])
      expect(matches('{source.ip: 10.0.1.5}', {}, source)).toBe(true);
  });

  it('compiles the constructs of public rules: lists of maps, actions or flags, a pattern in the condition', () => {
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

  it('groups and counts by the field names of firewall rules', () => {
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
      'group-by has srcaddr twice',
    );
    const none = ruleText('{blocked: true}', correlation('username'));
    expect(() => compileRules([{ path: 'rules/mine.yml', text: none }], networks)).toThrow(
      'VPC Flow Logs have no field "username": a flow record does not name users',
    );
  });

  it('refuses firewall words for an action in rules for flow logs', () => {
    expect(() => matches('{action: allow}', {}, '{product: aws, service: vpcflow}')).toThrow(
      'rules/mine.yml:3: action: invalid value "allow", expected ACCEPT or REJECT',
    );
    expect(() => matches('{action: encrypt}')).toThrow(
      'rules/mine.yml:3: action: invalid value "encrypt", expected ACCEPT or REJECT',
    );
  });
});

describe('a rule with the names of CloudWatch Logs Insights', () => {
  it.each([
    ['{srcAddr|cidr: 10.0.0.0/8, dstPort: 443, Protocol: tcp}', {}, true],
    ['{dstAddr: 10.0.0.1}', {}, false],
    ['{logStatus: ok}', {}, true],
  ])('matches as with the names of flow logs: %s', (selection, values, expected) => {
    expect(matches(selection, values, '{product: aws, service: vpcflow}')).toBe(expected);
  });

  it('groups by the fields of flow logs', () => {
    const grouped = (names: string) =>
      ruleSetOf(
        [ruleText('{action: REJECT}', `type: event_count, group-by: [${names}], timespan: 1h, condition: {gte: 3}`)],
        networks,
      );
    expect(grouped('srcAddr, dstAddr')).toEqual(grouped('srcaddr, dstaddr'));
  });
});

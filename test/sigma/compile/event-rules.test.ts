import { describe, expect, it } from 'vitest';
import { ruleEvent } from '../../../lambda/rules/event-fields.ts';
import { loadRules } from '../../../lambda/rules/load.ts';
import type { RuleSet } from '../../../lambda/rules/model.ts';
import { compileRules, everyRule } from '../../../sigma/compile/compile-rules.ts';
import { readLists, ruleText } from '../../support/rules.ts';

const lists = readLists(
  'inside: [10.0.0.0/8]\nbastions: {s3: "s3://lists/bastions"}\nroles: {values: [admin, deploy]}\n',
);

function compiled(text: string, options = everyRule as Parameters<typeof compileRules>[2]): RuleSet {
  return compileRules([{ path: 'rules/mine.yml', text }], lists, options);
}

function problemOf(text: string): string {
  try {
    compiled(text);
  } catch (error) {
    return (error as Error).message;
  }
  return 'none';
}

const detection = (selections: string, condition = 's', service = 'cloudtrail', name = 'mine') =>
  `title: Event\nname: ${name}\nlogsource: {product: aws, service: ${service}}\ndetection: {${selections}, condition: ${condition}}\n`;

const record = {
  eventName: 'AuthorizeSecurityGroupIngress',
  eventSource: 'ec2.amazonaws.com',
  errorCode: null,
  readOnly: false,
  severity: 4.5,
  awsRegion: 'eu-west-1',
  sourceIPAddress: '203.0.113.9',
  userIdentity: { arn: 'arn:aws:sts::111122223333:assumed-role/Admin/alice-role', userName: '' },
  requestParameters: {
    ipPermissions: {
      items: [
        { fromPort: 22, ipRanges: { items: [{ cidrIp: '0.0.0.0/0' }, { cidrIp: '10.0.0.0/8' }] } },
        { fromPort: 443, toPort: 444, ipRanges: {} },
      ],
    },
    addresses: ['10.0.0.5', '192.0.2.7'],
    message: 'it said "Access Denied"',
  },
  responseElements: { return: true },
};

/** Returns whether a detection of CloudTrail matches the record, or another event. */
function matches(selections: string, condition = 's', event: unknown = record): boolean {
  const rules = loadRules(compiled(detection(selections, condition)));
  const [series] = rules.eventSeries.get('cloudtrail')!;
  return series!.matches(ruleEvent(event, { who: 'Admin/alice-role' }, 1_795_478_400));
}

describe('a detection of events', () => {
  it.each([
    ['s: {eventName: authorizesecuritygroupingress}', true],
    ['s: {eventName|cased: authorizesecuritygroupingress}', false],
    ['s: {eventName: [DeleteFlowLogs, AuthorizeSecurityGroup*]}', true],
    ['s: {eventName|startswith: Authorize, eventName|endswith: Ingress}', true],
    ['s: {requestParameters.ipPermissions.items.ipRanges.items.cidrIp: 0.0.0.0/0}', true],
    ['s: {requestParameters.ipPermissions.items.ipRanges.items.cidrIp: 192.0.2.0/24}', false],
    ['s: {requestParameters.ipPermissions.items.fromPort: 443}', true],
    ['s: {requestParameters.ipPermissions.items.fromPort|lt: 23}', true],
    ['s: {requestParameters.ipPermissions.items.fromPort|gt: 443}', false],
    ['s: {requestParameters.ipPermissions.items.fromPort|all: [22, 443]}', true],
    ['s: {requestParameters.ipPermissions.items.fromPort|neq: 22}', false],
    [
      's: {requestParameters.ipPermissions.items.toPort|fieldref: requestParameters.ipPermissions.items.fromPort}',
      false,
    ],
    ['s: {requestParameters.ipPermissions.items.toPort|fieldref|gt: severity}', true],
    ['s: {requestParameters.addresses|cidr: 192.0.2.0/24}', true],
    ["s: {requestParameters.addresses|cidr|expand: '%inside%'}", true],
    ["s: {sourceIPAddress|cidr|expand: '%inside%'}", false],
    ["s: {sourceIPAddress|cidr|expand: '%bastions%'}", false],
    ["s: {userIdentity.arn|contains|expand: '%roles%'}", true],
    ['s: {requestParameters|contains: access denied}', true],
    ['s: {responseElements|contains: \'"return":true\'}', true],
    ['s: {userIdentity.arn|re: "role/[A-Z][a-z]+/"}', true],
    ['s: {severity|gte: 4}', true],
    ['s: {severity|gt: 4.5}', false],
    ['s: {eventName|gt: 4}', false],
    ["s: {readOnly: 'false'}", true],
    ['s: {readOnly: false}', true],
    ['s: {readOnly: true}', false],
    ['s: {errorCode: null}', true],
    ['s: {errorCode|exists: false}', true],
    ['s: {requestParameters|exists: true}', true],
    ["s: {userIdentity.userName: ''}", true],
    ['s: {userIdentity: null}', false],
    ['s: {flowSentinel.who: admin/*}', true],
    ['s: {eventName.items: a}', false],
    ['s: [DeleteFlowLogs, access denied]', true],
    ['s: access granted', false],
    ["s: {'|all': [denied, ec2.amazonaws.com]}", true],
    ["s: {'|all': [denied, s3.amazonaws.com]}", false],
  ])('compares %s', (selection, expected) => {
    expect(matches(selection)).toBe(expected);
  });

  it('joins selections as public rules do', () => {
    const selections =
      's_action: {eventSource: ec2.amazonaws.com, eventName: AuthorizeSecurityGroupIngress}, ' +
      'ok_success: {errorCode: Success}, ok_null: {errorCode: null}, filter: {userIdentity.arn|contains: role/Deploy}';
    expect(matches(selections, 's_action and 1 of ok_* and not filter')).toBe(true);
    const failed = { ...record, errorCode: 'Client.UnauthorizedOperation' };
    expect(matches(selections, 's_action and 1 of ok_* and not filter', failed)).toBe(false);
  });

  it.each([[null], ['text'], [[record]], [7], [{ eventName: { toString: 1 } }], [{ eventName: [[['x']]] }]])(
    'does not match %j, whatever its form',
    (event) => expect(matches('s: {eventName: DeleteFlowLogs}', 's', event)).toBe(false),
  );

  it('reads no deeper than 32 levels', () => {
    const nested = JSON.parse(`${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`);
    expect(matches('s: {a|exists: true}', 's', nested)).toBe(true);
    expect(matches('s: {a.a|contains: "1"}', 's', nested)).toBe(false);
  });

  it.each([
    ['s: {"a..b": 1}', 'a..b: the field "a..b" is invalid: expected up to 16 names with dots between'],
    ['s: {eventTime|hour: 5}', "hour is not supported for events; it needs a flow's start or end"],
    ['s: {a|gt: x}', 'gt takes a number, got "x"'],
    ['s: {a|fieldref: 5}', 'fieldref takes the name of a field'],
    ['s: {a: [null, b]}', 'null must be the only value'],
    ['s: {a: {b: 1}}', 'expected text or a number, got a map'],
    ['s: {a|cidr: x}', '"x" is not a network'],
  ])('refuses %s with file and line', (selections, problem) => {
    expect(problemOf(detection(selections))).toMatch(/^rules\/mine\.yml:4: /);
    expect(problemOf(detection(selections))).toContain(problem);
  });

  it('alerts by itself for each account, Region and who made the call', () => {
    const { rules, series } = compiled(detection('s: {eventName: DeleteFlowLogs}'));
    expect(rules).toMatchObject([
      {
        name: 'mine',
        sources: ['cloudtrail'],
        groupBy: ['recipientAccountId', 'awsRegion', 'flowSentinel.who'],
        correlation: { type: 'event_count', source: 'cloudtrail' },
        comparison: 'gte',
        threshold: 1,
      },
    ]);
    expect(series).toMatchObject([{ source: 'cloudtrail', measure: { kind: 'count' }, slotSeconds: 180 }]);
  });

  it('alerts by itself for each account, Region and type of finding', () => {
    const { rules } = compiled(detection('s: {severity|gte: 7}', 's', 'guardduty'));
    expect(rules[0]).toMatchObject({ sources: ['guardduty'], groupBy: ['accountId', 'region', 'type'] });
  });

  it('is off without context events, and leaves the ids of other rules as they are', () => {
    const flows = ruleText(
      '{dstport: 22}',
      'type: event_count, group-by: [srcaddr], timespan: 1h, condition: {gte: 3}',
    );
    const files = [
      { path: 'rules/event.yml', text: detection('s: {eventName: DeleteFlowLogs}') },
      { path: 'rules/flows.yml', text: flows },
    ];
    const off = compileRules(files, lists);
    expect(off.off).toEqual([{ name: 'event', title: 'Event', level: 'medium', needs: 'context' }]);
    expect(off.series).toEqual(compileRules([files[1]!], lists).series);
    expect(compileRules(files, lists, { hasContext: true })).not.toHaveProperty('off');
  });

  it('reads another series than flows with the same condition', () => {
    const [one] = compiled(detection('s: {region: eu-west-1}', 's', 'guardduty')).series;
    const [other] = compiled(detection('s: {region: eu-west-1}')).series;
    expect(one!.id).not.toBe(other!.id);
  });
});

describe('a filter of events', () => {
  const filter = (service: string, rules = 'any') =>
    `---\ntitle: Known\nlogsource: {product: aws, service: ${service}}\nfilter: {rules: ${rules}, selection: {sourceIPAddress: 203.0.113.9}, condition: not selection}\n`;

  it('excludes events of its log source', () => {
    const rules = loadRules(compiled(detection('s: {awsRegion: eu-west-1}') + filter('cloudtrail')));
    const [series] = rules.eventSeries.get('cloudtrail')!;
    expect(series!.matches(ruleEvent(record, {}, 0))).toBe(false);
    expect(series!.matches(ruleEvent({ awsRegion: 'eu-west-1' }, {}, 0))).toBe(true);
  });

  it('is refused for rules of another log source', () => {
    const rule = detection('s: {awsRegion: eu-west-1}');
    expect(problemOf(rule + filter('guardduty'))).toContain('any needs at least one detection of the log source');
    expect(problemOf(rule + filter('guardduty', '[mine]'))).toContain(
      'the rule "mine" has another log source than the filter',
    );
  });
});

describe('a correlation of events', () => {
  const correlation = (text: string) =>
    `---\ntitle: Many\nlevel: high\ncorrelation: {rules: [mine], timespan: 1h, ${text}}\n`;
  const calls = detection('s: {errorCode|exists: true}');

  it('counts distinct values per path', () => {
    const text =
      'type: value_count, group-by: [userIdentity.arn], condition: {field: requestParameters.instanceId, gte: 5}';
    const { series } = compiled(calls + correlation(text));
    expect(series).toMatchObject([
      { groupBy: ['userIdentity.arn'], measure: { kind: 'distinct', field: 'requestParameters.instanceId', cap: 33 } },
    ]);
  });

  it.each([
    ['type: value_sum, group-by: [a], condition: {field: count, gte: 5}', 'value_sum is not supported for events'],
    ['type: event_count, group-by: [srcaddr], condition: {gte: 5}', 'an event has no srcaddr'],
    ['type: event_count, group-by: ["a b"], condition: {gte: 5}', 'the field "a b" is invalid'],
  ])('refuses %s', (text, problem) => {
    expect(problemOf(calls + correlation(text))).toContain(problem);
  });

  it('refuses a silence of events', () => {
    const silent = `${correlation('type: event_count, group-by: [a], condition: {gte: 5}')}flow_sentinel: {silent: {for: 10m, while: mine}}\n`;
    expect(problemOf(calls + silent)).toContain('silent is not supported for events');
    expect(problemOf(calls + silent)).toContain('mine selects events; expected a detection of flows');
  });
});

describe('a correlation of events and flows', () => {
  const finding = detection('s: {severity|gte: 4}', 's', 'guardduty', 'finding');
  const flows =
    'title: Flow\nname: flow\nlogsource: {product: aws, service: vpcflow}\ndetection: {s: {action: ACCEPT}, condition: s}\n';
  const sum = `title: Much\nname: much\ncorrelation: {type: value_sum, rules: [flow], group-by: [srcaddr], timespan: 24h, condition: {field: bytes, gte: 1000}}\n`;
  const address = 'resource.instanceDetails.networkInterfaces.privateIpAddresses.privateIpAddress';
  const both = (rules: string, aliases: string, type = 'temporal') =>
    [
      finding,
      flows,
      sum,
      `title: Both\ncorrelation: {type: ${type}, rules: [${rules}], group-by: [host], timespan: 24h, aliases: {host: {${aliases}}}}\n`,
    ].join('---\n');

  it('reads the key of each part from its own source, and takes the name of a part for its flows', () => {
    const { rules, series } = compiled(both('much, finding', `much: srcaddr, finding: ${address}`));
    expect(rules).toMatchObject([{ name: 'mine', sources: ['guardduty', 'vpcflow'], groupBy: ['host'] }]);
    expect(series.map(({ source, groupFields }) => [source, groupFields])).toEqual([
      [undefined, ['srcaddr']],
      ['guardduty', [address]],
    ]);
  });

  it('may ask for an order', () => {
    const text = both('finding, flow', `flow: src_ip, finding: ${address}`, 'temporal_ordered').replace(sum, '');
    const { series } = compiled(text.replace('---\n---\n', '---\n'));
    expect(series.map(({ measure }) => measure.kind)).toEqual(['distinct', 'distinct']);
  });

  it.each([
    ['finding: srcaddr', 'the alias host has no field for the rule flow; add one'],
    [`much: ${address}, finding: ${address}`, `VPC Flow Logs have no field "${address}"`],
    ['much: srcaddr, finding: "a b"', 'the field "a b" is invalid'],
  ])('refuses the aliases %s', (aliases, problem) => {
    expect(problemOf(both('much, finding', aliases))).toContain(problem);
  });

  it('refuses a field that is no alias, and a count over both', () => {
    const text = both('much, finding', `much: srcaddr, finding: ${address}`);
    expect(problemOf(text.replace('[host]', '[host, region]'))).toContain(
      'the rules have different log sources, so "region" needs an alias for each of them',
    );
    const count = text
      .replace(`${sum}---\n`, '')
      .replace('type: temporal, rules: [much, finding]', 'type: event_count, rules: [flow, finding]');
    expect(problemOf(count.replace('timespan: 24h, aliases', 'condition: {gte: 2}, timespan: 24h, aliases'))).toContain(
      'the rules have different log sources, which cannot be counted together',
    );
  });

  it('needs a host in its key when counters have the VPC in their scope', () => {
    const inVpc = (path: string) => () =>
      compiled(both('much, finding', `much: srcaddr, finding: ${path}`), { hasContext: true, scope: 'vpc' });
    expect(inVpc(address)).not.toThrow();
    expect(inVpc('flowSentinel.addresses')).not.toThrow();
    expect(inVpc('service.action.networkConnectionAction.remoteIpDetails.ipAddressV4')).toThrow(
      'rules/mine.yml:16: the scope vpc needs the VPC of each event',
    );
  });
});

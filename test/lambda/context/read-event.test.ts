import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changeEvents } from '../../../lambda/context/change-events.ts';
import { readChange } from '../../../lambda/context/read-change.ts';
import { readContextEvent } from '../../../lambda/context/read-event.ts';
import { readFinding } from '../../../lambda/context/read-finding.ts';
import { changeEvent, changeOf, findingEvent, findingOf, openedGroup } from '../../support/context-events.ts';

const sample = findingOf({ service: { additionalInfo: { sample: true } } });

/** Returns all texts in a value, at any level. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

describe('readContextEvent', () => {
  it('reads a finding with and without its envelope', () => {
    const read = readFinding(findingOf());
    const event = 'finding' in read && read.finding;
    expect(readContextEvent(findingEvent(findingOf()))).toEqual({ event });
    expect(readContextEvent(findingOf())).toEqual({ event });
  });

  it('reads an API call with and without its envelope', () => {
    const read = readChange(openedGroup('sg-0aa'));
    const event = 'change' in read && read.change;
    expect(readContextEvent(changeEvent(openedGroup('sg-0aa')))).toEqual({ event });
    expect(readContextEvent(openedGroup('sg-0aa'))).toEqual({ event });
  });

  it('reads the same event of the copy that a delegated administrator gets', () => {
    const copy = findingEvent(findingOf(), { account: '444455556666', id: 'another-event' });
    expect(readContextEvent(copy)).toEqual(readContextEvent(findingEvent(findingOf())));
  });

  it.each([
    ['a forged finding', findingEvent(findingOf(), { source: 'custom' }), 'another source'],
    ['a forged API call', changeEvent(openedGroup('sg-0aa'), { source: 'custom' }), 'another source'],
    ['an API call without a source', changeEvent(openedGroup('sg-0aa'), { source: undefined }), 'another source'],
    ['a finding from EC2', findingEvent(findingOf(), { source: 'aws.ec2' }), 'another source'],
    ['another event', changeEvent({}, { 'detail-type': 'EC2 Instance State-change Notification' }), 'another event'],
    ['another object', { configRuleId: 'config-rule-0a' }, 'another event'],
    ['a sample finding', findingEvent(sample), 'sample finding'],
    [
      'a failed call',
      changeEvent(changeOf('DeleteFlowLogs', {}, null, { errorCode: 'Client.Unauthorized' })),
      'failed',
    ],
    ['another API call', changeOf('CreateTags', {}), 'not a network change'],
  ])('ignores %s', (_, value, ignored) => {
    expect(readContextEvent(value)).toEqual({ ignored });
  });

  it('reads a sample finding when samples count', () => {
    expect(readContextEvent(findingEvent(sample), { samples: true })).toHaveProperty('event');
  });

  it.each([null, [], 'text', 7])('says that %j is not an object', (value) => {
    expect(readContextEvent(value)).toEqual({ problem: 'it is not an object' });
  });

  it('says what is wrong with a finding', () => {
    expect(readContextEvent(findingEvent(null))).toEqual({ problem: 'the finding has no valid id' });
  });

  describe('with hostile values', () => {
    const names = [
      ['service', 'resource', 'action', 'networkConnectionAction', 'portProbeAction', 'portProbeDetails', 'detection'],
      [
        'instanceDetails',
        'networkInterfaces',
        'privateIpAddresses',
        'localIpDetails',
        'remoteIpDetails',
        'tags',
        'key',
      ],
      ['additionalInfo', 'value', 'title', 'type', 'severity', 'updatedAt', 'id', 'items', 'item', 'content', 'tag'],
      ['requestParameters', 'responseElements', 'userIdentity', 'ipPermissions', 'ipRanges', 'cidrIp', 'groupId'],
      [
        'securityGroupRuleSet',
        'SecurityGroupRule',
        'instancesSet',
        'groupSet',
        'ruleNumber',
        'ruleAction',
        'portRange',
      ],
      ['ModifySecurityGroupRulesRequest', 'DeleteFlowLogsResponse', 'toString', 'valueOf', '__proto__', 'constructor'],
    ].flat();
    const leaf = fc.oneof(
      fc.string(),
      fc.constantFrom(
        '10.0.0.1',
        '::1',
        'i-0a',
        'sg-0a',
        'arn:a/i-0b',
        '0.0.0.0/0',
        '-1',
        'tcp',
        'Name',
        'allow',
        '{"a":',
      ),
      fc.string({
        minLength: 500,
        maxLength: 2000,
        unit: fc.constantFrom('\n', '\u001b', '\ud800', 'x', '{', '[', '😀'),
      }),
      fc.double(),
      fc.constantFrom(null, undefined, true, -1, 0, 65_536, Number.NaN, 1e300),
    );
    const hostile = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 5, withCrossShrink: true }, leaf, tie('list'), tie('object')),
      list: fc.array(tie('value'), { maxLength: 4 }),
      object: fc.dictionary(fc.oneof(fc.constantFrom(...names), fc.string()), tie('value'), {
        maxKeys: 6,
        noNullPrototype: true,
      }),
    })).value;
    const calls = Object.entries(changeEvents).flatMap(([source, events]) =>
      events.map((event) => ({ source, event })),
    );
    const event = fc.oneof(
      hostile,
      fc
        .tuple(hostile, hostile, hostile)
        .map(([service, resource, other]) => findingEvent({ ...findingOf(), service, resource, title: other })),
      fc
        .tuple(hostile, hostile)
        .map(([action, detection]) =>
          findingEvent(findingOf({ type: 'AttackSequence:EC2/A', service: { action, detection } })),
        ),
      fc.tuple(hostile, hostile, hostile, fc.constantFrom(...calls)).map(([request, response, identity, call]) =>
        changeEvent({
          ...changeOf(call.event, request, response, { eventSource: call.source }),
          userIdentity: identity,
          sourceIPAddress: identity,
        }),
      ),
    );

    it('never throws, and reads bounded events without control characters', () => {
      fc.assert(
        fc.property(event, (value) => {
          const read = readContextEvent(value, { samples: true });
          const texts = textsIn(read);
          expect(texts.filter((text) => /\p{C}/u.test(text) || text.length > 300)).toEqual([]);
          expect(JSON.stringify(read).length).toBeLessThan(20_000);
        }),
        { numRuns: 400 },
      );
    });

    it('reads a value of 100,000 levels', () => {
      let deep: unknown = 'i-0a';
      for (let level = 0; level < 100_000; level += 1) deep = { item: deep };
      const sequence = { ...findingOf({ type: 'AttackSequence:EC2/A' }), resource: deep };
      expect(readContextEvent(findingEvent(sequence))).toHaveProperty('event');
      expect(readContextEvent(changeEvent(changeOf('RunInstances', deep, deep)))).toHaveProperty('event');
    });
  });
});

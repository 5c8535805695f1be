import { describe, expect, it } from 'vitest';
import { changeEvents } from '../../../lambda/context/change-events.ts';
import { changePatterns, maxPatternLength } from '../../../lib/context/context-patterns.ts';
import { synthesize } from '../synthesis.ts';

const template = synthesize({ context: { context: 'true', organizationId: 'o-a1b2c3d4e5' } });
const patterns = Object.values(template.findResources('AWS::Events::Rule')).flatMap(
  ({ Properties: { EventPattern } }) => EventPattern ?? [],
);

describe('the patterns of context rules', () => {
  it('name each network change once, with its service, as few rules as hold them', () => {
    const details = changePatterns().map(({ detail }) => detail!);
    const names = details.flatMap(({ eventName }) => eventName as string[]);
    const services = new Set(details.flatMap(({ eventSource }) => eventSource as string[]));
    expect(names.toSorted()).toEqual([...new Set(Object.values(changeEvents).flat())].sort());
    expect(services).toEqual(new Set(Object.keys(changeEvents)));
    expect(details.length).toBeLessThanOrEqual(3);
  });

  it('fit into the most characters of EventBridge, with the number of an account', () => {
    expect(patterns.length).toBeGreaterThan(3);
    for (const pattern of patterns) {
      const text = JSON.stringify(pattern).replace('{"Ref":"AWS::AccountId"}', '"111122223333"');
      expect(text.length).toBeLessThan(maxPatternLength);
    }
  });

  it('make another rule when the names do not fit into one', () => {
    const many = { 'ec2.amazonaws.com': Array.from({ length: 100 }, (_, n) => `CreateSomethingWithALongName${n}`) };
    const all = changePatterns(many);
    expect(all.length).toBeGreaterThan(1);
    expect(all.flatMap(({ detail }) => detail!.eventName as string[])).toEqual(many['ec2.amazonaws.com']);
  });

  it('match only what AWS sends, and no other detail-type', () => {
    const context = patterns.filter((pattern) => !JSON.stringify(pattern).includes('aws.s3'));
    for (const pattern of context) {
      const isFinding = JSON.stringify(pattern.source) === '["aws.guardduty"]';
      expect(pattern.source).toEqual(isFinding ? ['aws.guardduty'] : [{ prefix: 'aws.' }]);
      expect(pattern['detail-type']).toEqual([isFinding ? 'GuardDuty Finding' : 'AWS API Call via CloudTrail']);
    }
  });
});

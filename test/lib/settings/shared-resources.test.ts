import { describe, expect, it } from 'vitest';
import { readSettings } from '../../../lib/settings/read-settings.ts';
import { sharedResources } from '../../../lib/settings/shared-resources.ts';

function sharedOf(stages: Record<string, object>, context: Readonly<Record<string, unknown>> = {}): string[] {
  const networks = { monitoredNetworks: ['10.0.0.0/16'] };
  const named = Object.fromEntries(Object.entries(stages).map(([name, one]) => [name, { ...networks, ...one }]));
  const file = { path: 'flow-sentinel.json', text: JSON.stringify({ stages: named }) };
  return sharedResources(readSettings(context, file), file).map(({ text }) => text);
}

describe('sharedResources', () => {
  it('names the stages when two of them log the same VPC', () => {
    const [vpc, other] = ['vpc-01234567', 'vpc-89abcdef'];
    expect(sharedOf({ dev: { vpcIds: [vpc] }, test: { vpcIds: [other] }, prod: { vpcIds: [vpc] } })).toEqual([
      'the stages dev and prod log vpc-01234567: its traffic is logged, counted and paid twice; remove it from one of them',
    ]);
  });

  it('names the other stage when -c stage selects only one of the two', () => {
    const vpcIds = ['vpc-01234567'];
    const stages = { dev: { vpcIds }, prod: { vpcIds }, broken: { vpcIds: 'vpc-01234567', retentionDays: 'x' } };
    expect(sharedOf(stages, { stage: 'prod' })).toEqual([
      'the stages prod and dev log vpc-01234567: its traffic is logged, counted and paid twice; remove it from one of them',
    ]);
  });

  it('returns nothing when each stage logs resources of its own', () => {
    expect(sharedOf({ dev: { vpcIds: ['vpc-01234567'] }, prod: { subnetIds: ['subnet-01234567'] } })).toEqual([]);
  });
});

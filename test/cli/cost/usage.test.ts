import { describe, expect, it } from 'vitest';
import { settingsOfStage, usageOf } from '../../../cli/cost/usage.ts';
import { settingsShape } from '../../../lib/settings/settings.ts';

const fileOf = (stages: object) => ({ path: 'flow-sentinel.json', text: JSON.stringify({ stages }) });

describe('the settings that a bill is reckoned with', () => {
  it('are those of the stage that is named, of the only one, or of the default one', () => {
    const two = fileOf({ default: { lakeFormat: 'json' }, big: { retentionDays: 90 } });
    expect(settingsOfStage('big', two).retentionDays).toBe(90);
    expect(settingsOfStage(undefined, two).lakeFormat).toBe('json');
    expect(settingsOfStage(undefined, fileOf({ prod: { retentionDays: 60 } })).retentionDays).toBe(60);
  });

  it('are none where no stage is meant', () => {
    const stages = fileOf({ dev: {}, prod: {} });
    expect(() => settingsOfStage(undefined, stages)).toThrow(
      '--stage says which stage of flow-sentinel.json: dev, prod',
    );
    expect(() => settingsOfStage('test', stages)).toThrow('dev, prod');
  });
});

describe('the usage that settings make', () => {
  it('has all of the lake, the key and the counters as they are set', () => {
    const settings = {
      lakeFormat: 'json',
      lakePartition: 'vpc',
      lakeColdAfterDays: 30,
      lakeExpireAfterDays: 200,
      encryption: 'own',
      retentionDays: 60,
      provisionedWrites: { min: 100, max: 2000 },
    } as const;
    expect(usageOf(settingsShape.parse(settings))).toMatchObject(settings);
  });

  it('has subscriptions where log groups alone send', () => {
    const logGroups = [{ name: 'flow-logs' }];
    expect(usageOf(settingsShape.parse({})).wayIn).toBe('flow-logs');
    expect(usageOf(settingsShape.parse({ logGroups })).wayIn).toBe('log-group');
    expect(usageOf(settingsShape.parse({ logGroups, allVpcs: true })).wayIn).toBe('flow-logs');
  });
});

import { describe, expect, it } from 'vitest';
import { settingsOfStage, usageOf } from '../../../cli/cost/usage.ts';
import { settingsShape } from '../../../lib/settings/settings.ts';

const fileOf = (stages: object) => ({ path: 'flow-sentinel.json', text: JSON.stringify({ stages }) });

describe('settingsOfStage', () => {
  it('returns the settings of the named stage, of the only stage, or of the stage default', () => {
    const two = fileOf({ default: { lakeFormat: 'json' }, big: { retentionDays: 90 } });
    expect(settingsOfStage('big', two).retentionDays).toBe(90);
    expect(settingsOfStage(undefined, two).lakeFormat).toBe('json');
    expect(settingsOfStage(undefined, fileOf({ prod: { retentionDays: 60 } })).retentionDays).toBe(60);
  });

  it('throws when the name matches no stage, or several stages have no default', () => {
    const stages = fileOf({ dev: {}, prod: {} });
    expect(() => settingsOfStage(undefined, stages)).toThrow(
      '--stage is missing: expected a stage of flow-sentinel.json: dev, prod',
    );
    expect(() => settingsOfStage('test', stages)).toThrow(
      '--stage is invalid: got "test", expected a stage of flow-sentinel.json: dev, prod',
    );
  });
});

describe('usageOf', () => {
  it('takes the settings of the lake, the key and the counters', () => {
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

  it('uses a subscription when the settings have only log groups', () => {
    const logGroups = [{ name: 'flow-logs' }];
    expect(usageOf(settingsShape.parse({})).wayIn).toBe('flow-logs');
    expect(usageOf(settingsShape.parse({ logGroups })).wayIn).toBe('log-group');
    expect(usageOf(settingsShape.parse({ logGroups, allVpcs: true })).wayIn).toBe('flow-logs');
  });
});

import { describe, expect, it } from 'vitest';
import { usageOf } from '../../../cli/cost/usage.ts';
import { settingsShape } from '../../../lib/settings/settings.ts';

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

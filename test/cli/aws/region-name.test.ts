import { RegionInfo } from 'aws-cdk-lib/region-info';
import { describe, expect, it } from 'vitest';
import { isRegionName } from '../../../cli/aws/region-name.ts';

describe('isRegionName', () => {
  it('accepts every region that CDK knows', () => {
    const names = RegionInfo.regions.map(({ name }) => name);
    expect(names.length).toBeGreaterThan(30);
    expect(names.filter((name) => !isRegionName(name))).toEqual([]);
  });

  it.each([
    '',
    'eu',
    'eu-central',
    'eu-central-1a',
    'EU-CENTRAL-1',
    '../eu-central-1',
    'eu-central-1/',
    'eu-central-1\n',
  ])('refuses %j', (text) => {
    expect(isRegionName(text)).toBe(false);
  });

  it('refuses a name that is too long for a part of a host name', () => {
    expect(isRegionName(`${'a'.repeat(80)}-central-1`)).toBe(false);
  });
});

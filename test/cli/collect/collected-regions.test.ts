import { describe, expect, it } from 'vitest';
import { formatCollected, parseCollected, withRegion } from '../../../cli/collect/collected-regions.ts';

const entry = (region: string, time = 1) => ({ region, time, interfaces: 2, instances: 3 });

describe('parseCollected', () => {
  it('returns the regions when it reads what formatCollected wrote', () => {
    const regions = [entry('eu-central-1'), entry('us-east-1')];
    expect(parseCollected(formatCollected(regions))).toEqual(regions);
    expect(parseCollected(formatCollected([]))).toEqual([]);
  });

  it.each(['', 'null', '1', '{}', '{"version":1}', '{"version":1,"regions":[null]}', '{"version":"1","regions":[]}'])(
    'returns undefined when the text is %j',
    (text) => {
      expect(parseCollected(text)).toBeUndefined();
    },
  );

  it.each(['time', 'interfaces', 'instances'])('returns undefined when %s is not an integer', (name) => {
    expect(parseCollected(JSON.stringify({ version: 1, regions: [{ ...entry('us-east-1'), [name]: 1.5 }] }))).toBe(
      undefined,
    );
  });
});

describe('withRegion', () => {
  it('replaces the entry of a region and keeps the others, by name', () => {
    const regions = [entry('us-east-1'), entry('eu-central-1')];
    expect(withRegion(regions, entry('us-east-1', 9))).toEqual([entry('eu-central-1'), entry('us-east-1', 9)]);
    expect(withRegion([], entry('us-east-1'))).toEqual([entry('us-east-1')]);
  });
});

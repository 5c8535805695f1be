import fc from 'fast-check';
import { describe, it } from 'vitest';
import { promises } from '../../../tools/fuzz/hostile-input.ts';
import { byTier } from '../../support/tier.ts';

describe('hostile input', () => {
  it.each(promises.map(({ name, property }) => [name, property] as const))('%s', (_, property) => {
    fc.assert(property, { numRuns: byTier(500, 5000) });
  });
});

import fc from 'fast-check';
import { describe, it } from 'vitest';
import { promises } from '../../../tools/fuzz/hostile-input.ts';

describe('whatever comes in', () => {
  it.each(promises.map(({ name, property }) => [name, property] as const))(
    '%s',
    { timeout: 120_000 },
    (_, property) => {
      fc.assert(property, { numRuns: 5000 });
    },
  );
});

import { describe, expect, it } from 'vitest';
import { checkExamples } from '../../../sigma/examples/check-examples.ts';

describe('checkExamples', () => {
  it('accepts the rules that are shipped', async () => {
    await expect(checkExamples()).resolves.toBeUndefined();
  });
});

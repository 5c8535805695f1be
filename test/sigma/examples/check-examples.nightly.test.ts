import { describe, expect, it } from 'vitest';
import { checkExamples } from '../../../sigma/examples/check-examples.ts';

describe('before anything is synthesized', () => {
  it('the examples of the rules that are shipped hold', async () => {
    await expect(checkExamples()).resolves.toBeUndefined();
  });
});

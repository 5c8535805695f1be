import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkExamples } from '../../../sigma/examples/check-examples.ts';
import { defaultRulesDirectory } from '../../../sigma/rule-directory.ts';
import { temporaryDirectory } from '../../lib/synthesis.ts';

describe('before anything is synthesized', () => {
  it('the examples of the rules that are shipped hold', async () => {
    await expect(checkExamples()).resolves.toBeUndefined();
  });

  it('a rule that does not do what they say is an error by file and line', async () => {
    const directory = temporaryDirectory();
    cpSync(defaultRulesDirectory, directory, { recursive: true });
    const path = join(directory, 'data_exfiltration.yml');
    writeFileSync(path, readFileSync(path, 'utf8').replace('    gt: 100000000', '    gt: 100000'));
    await expect(checkExamples(directory)).rejects.toThrow(
      /examples\/data_exfiltration\.yml:\d+: exactly 100 MB: expected no alert\n {2}alerted /,
    );
  });
});

import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { defaultRulesDirectory } from '../../../sigma/default-rules.ts';
import { checkExamples } from '../../../sigma/examples/check-examples.ts';
import { temporaryDirectory } from '../../lib/synthesis.ts';

/** Copies one of the shipped rules with its examples. @returns the folder and the path of the rule */
function oneRule(): { directory: string; path: string } {
  const directory = temporaryDirectory();
  for (const name of ['networks.yml', 'lists', 'data_exfiltration.yml', 'examples/data_exfiltration.yml']) {
    cpSync(join(defaultRulesDirectory, name), join(directory, name), { recursive: true });
  }
  return { directory, path: join(directory, 'data_exfiltration.yml') };
}

// test/rules/examples.test.ts runs the examples of all shipped rules.
describe('checkExamples', () => {
  it('accepts a rule whose examples pass', async () => {
    await expect(checkExamples(oneRule().directory)).resolves.toBeUndefined();
  });

  it('refuses a rule whose example fails, by file and line', async () => {
    const { directory, path } = oneRule();
    writeFileSync(path, readFileSync(path, 'utf8').replace('    gt: 100000000', '    gt: 100000'));
    await expect(checkExamples(directory)).rejects.toThrow(
      /examples\/data_exfiltration\.yml:\d+: exactly 100 MB: expected no alert\n {2}alerted /,
    );
  });
});

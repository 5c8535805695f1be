import { mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { huntInputs } from '../../../cli/replay/hunt-inputs.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const before = process.cwd();
beforeAll(() => process.chdir(temporaryFolder()));
afterAll(() => process.chdir(before));

describe('huntInputs', () => {
  it('returns the arguments of hunt, with the networks of the rules, the formats and the time range', () => {
    mkdirSync('rules');
    expect(huntInputs(['a', 'b'], { rules: 'rules', format: ['srcaddr dstaddr'], from: 5 })).toEqual({
      words: ['a', 'b', '--format', 'srcaddr dstaddr'],
      from: 5,
    });
    writeFileSync('rules/networks.yml', '');
    expect(huntInputs(['a'], { rules: 'rules' }).words).toEqual(['a', '--networks', 'rules/networks.yml']);
    expect(huntInputs(['a'], { rules: 'rules', networks: 'n.yml' }).words).toEqual(['a', '--networks', 'n.yml']);
  });
});

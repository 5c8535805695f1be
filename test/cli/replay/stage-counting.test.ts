import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { countingOfRun } from '../../../cli/replay/stage-counting.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

function fileOf(stages: object): string {
  const path = join(temporaryFolder(), 'flow-sentinel.json');
  writeFileSync(path, JSON.stringify({ stages }));
  return path;
}

describe('countingOfRun', () => {
  it('takes each value from the options, or else from the stage, or else the default', () => {
    const file = fileOf({ dev: {}, prod: { counting: 'journal', countEvery: 15 } });
    expect(countingOfRun({ stage: 'prod' }, file)).toEqual({ counting: 'journal', countEvery: 15 });
    expect(countingOfRun({ stage: 'prod', countEvery: 1 }, file)).toEqual({ counting: 'journal', countEvery: 1 });
    expect(countingOfRun({ stage: 'prod', counting: 'direct' }, file)).toMatchObject({ counting: 'direct' });
    expect(countingOfRun({ stage: 'dev' }, file)).toEqual({ counting: 'direct', countEvery: 5 });
    expect(countingOfRun({}, file)).toEqual({ counting: 'direct', countEvery: 5 });
    expect(countingOfRun({}, fileOf({ only: { counting: 'journal' } }))).toMatchObject({ counting: 'journal' });
    const missing = join(temporaryFolder(), 'missing.json');
    expect(countingOfRun({ counting: 'journal' }, missing)).toEqual({ counting: 'journal', countEvery: 5 });
  });

  it('refuses --count-every when the run counts directly', () => {
    const file = fileOf({ dev: {}, prod: { counting: 'journal' } });
    const message = '--count-every is invalid: got 3 with direct counting, expected a journal: add --counting journal';
    expect(() => countingOfRun({ stage: 'dev', countEvery: 3 }, file)).toThrow(message);
    expect(() => countingOfRun({ stage: 'prod', counting: 'direct', countEvery: 3 }, file)).toThrow(message);
    expect(() => countingOfRun({ stage: 'prod', countEvery: 3 }, file)).not.toThrow();
  });
});

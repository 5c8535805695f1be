import { describe, expect, it } from 'vitest';
import { huntAlert, huntCounters, huntHost, huntPair } from '../../../../cli/report/page/hunt-command.ts';
import type { AlertBody } from '../../../../lambda/alert/alert-body.ts';
import { epoch } from '../../../support/flows.ts';
import { shellCommands } from '../../../support/printed/shell-commands.ts';

const wordsOf = (command: string | undefined) => shellCommands(command!)[0]!.words;

const alertOn = (key: Record<string, string>) => {
  return { key, window: { from: epoch, to: epoch + 3600 } } as unknown as AlertBody;
};

describe('hunt commands', () => {
  it('quote each argument for a shell', () => {
    const inputs = { words: ["it's/my logs", '--format', 'srcaddr dstaddr $(id)', '`x`'] };
    expect(wordsOf(huntHost('10.0.1.5', inputs))).toEqual([
      'npx',
      'flow-sentinel',
      'hunt',
      'host',
      '10.0.1.5',
      ...inputs.words,
    ]);
  });

  it('read the time range of the run', () => {
    const words = wordsOf(huntPair('10.0.1.5', '::1', { words: ['logs'], from: epoch, to: epoch + 60 }));
    expect(words.slice(2)).toEqual([
      ...['hunt', 'pair', '10.0.1.5', '::1', 'logs'],
      ...['--from', '2026-11-24T09:00:00Z', '--to', '2026-11-24T09:01:00Z'],
    ]);
  });

  it('read the window of an alert within the time range of the run', () => {
    const inputs = { words: ['logs'], from: epoch + 600 };
    const words = wordsOf(huntAlert(alertOn({ srcaddr: '10.0.1.5', dstaddr: '192.0.2.1' }), [], inputs));
    expect(words.slice(3)).toEqual([
      ...['pair', '10.0.1.5', '192.0.2.1', 'logs'],
      ...['--from', '2026-11-24T09:10:00Z', '--to', '2026-11-24T10:00:00Z'],
    ]);
  });

  it('ask for the first host of an alert without a pair, and for nothing without an address', () => {
    const inputs = { words: ['logs'] };
    expect(wordsOf(huntAlert(alertOn({ dstaddr: '10.0.2.7' }), [], inputs)).slice(3, 5)).toEqual(['host', '10.0.2.7']);
    expect(wordsOf(huntAlert(alertOn({ dstport: '22' }), ['10.0.9.9'], inputs)).slice(3, 5)).toEqual([
      'host',
      '10.0.9.9',
    ]);
    expect(huntAlert(alertOn({ srcaddr: '*:22' }), [], inputs)).toBeUndefined();
  });

  it('list as many pairs as there are', () => {
    expect(wordsOf(huntCounters(1234, { words: ['logs'] })).slice(3)).toEqual(['counters', 'logs', '--top', '1234']);
  });
});

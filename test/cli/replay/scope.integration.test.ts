import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { logFields } from '../../../lambda/flow-log/deployed-format.ts';
import { epoch, eventOf, formatOf, lineOf } from '../../support/flows.ts';
import { run } from '../../support/run-program.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { writeLog } from './flow-logs.ts';

const deployed = formatOf(logFields.join(' '));
const scoped = ['--scope', 'vpc'];
const format = ['--format', logFields.join(' ')];
const folder = temporaryFolder();

/** Rejects of 10.0.1.5 to 10.0.2.7 in a VPC. */
const rejects = (count: number, vpc: string) =>
  Array.from({ length: count }, (_, n) =>
    lineOf({ 'vpc-id': vpc, action: 'REJECT', srcport: n, start: epoch, end: epoch + 50 }, deployed),
  );
const lines = [...rejects(11, 'vpc-0a'), ...rejects(7, 'vpc-0b')];
const day = writeLog(folder, 'day.log', lines);
const scopeOf = (vpc: string) => ({ 'account-id': '123456789012', 'vpc-id': vpc });

async function documentOf<T>(...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await run(...args, ...format, '--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as T;
}

interface Replayed {
  readonly pairs: readonly object[];
  readonly alerts: readonly { readonly rule: string; readonly scope?: object }[];
}

describe('the commands with --scope vpc', () => {
  it.each(['memory', 'local'])('count and alert for each VPC in a replay with the store %s', async (store) => {
    const { pairs, alerts } = await documentOf<Replayed>('replay', day, ...scoped, '--store', store);
    expect(pairs).toMatchObject([
      { src: '10.0.1.5', dst: '10.0.2.7', scope: scopeOf('vpc-0a'), rejects: 11 },
      { src: '10.0.1.5', dst: '10.0.2.7', scope: scopeOf('vpc-0b'), rejects: 7 },
    ]);
    const repeated = alerts.filter(({ rule }) => rule === 'repeated_rejects');
    expect(repeated.map(({ scope }) => scope)).toEqual([scopeOf('vpc-0a')]);
  });

  it('are needed to keep VPCs apart in a replay', async () => {
    const { pairs, alerts } = await documentOf<Replayed>('replay', day);
    expect(pairs).toMatchObject([{ rejects: 18 }]);
    for (const one of [...pairs, ...alerts]) expect(one).not.toHaveProperty('scope');
  });

  it('name the VPC in the text of a replay and a backtest', async () => {
    const replay = await run('replay', day, ...format, ...scoped);
    expect(replay.stdout).toMatch(/^ {2}10\.0\.1\.5 +10\.0\.2\.7 .* 123456789012\/vpc-0a$/m);
    expect(replay.stdout).toContain('10.0.1.5 -> 10.0.2.7 in 123456789012/vpc-0a ');
    expect(replay.stdout).toContain(`backtest ${day} --scope vpc --under 5\n`);
    const backtest = await run('backtest', day, ...format, ...scoped);
    expect(backtest.stdout).toMatch(/^ {2}repeated_rejects +10\.0\.1\.5 -> 10\.0\.2\.7 in 123456789012\/vpc-0a +1$/m);
  });

  it('apply to both rule sets of a backtest', async () => {
    const { compared, rules } = await documentOf<{
      readonly compared: { readonly added: unknown[]; readonly removed: unknown[] };
      readonly rules: readonly { readonly rule: string; readonly top: unknown[] }[];
    }>('backtest', day, ...scoped, '--compare', 'rules');
    expect(compared).toMatchObject({ added: [], removed: [] });
    const { top } = rules.find(({ rule }) => rule === 'repeated_rejects')!;
    expect(top).toEqual([{ key: { srcaddr: '10.0.1.5', dstaddr: '10.0.2.7' }, scope: scopeOf('vpc-0a'), alerts: 1 }]);
  });

  it('apply to invoke, and warn about a format without the VPC', async () => {
    const event = join(folder, 'event.json');
    writeFileSync(event, JSON.stringify(eventOf(lines)));
    const { pairs } = await documentOf<Replayed>('invoke', event, ...scoped);
    expect(pairs).toMatchObject([{ scope: scopeOf('vpc-0a') }, { scope: scopeOf('vpc-0b') }]);
    const old = writeLog(folder, 'default.log', [lineOf()]);
    for (const command of ['replay', 'backtest']) {
      const { code, stderr } = await run(command, old, ...scoped);
      expect({ code, stderr }).toEqual({
        code: 0,
        stderr:
          'flow-sentinel: a format lacks vpc-id of the scope vpc; its networks with the same addresses count together\n',
      });
    }
  });
});

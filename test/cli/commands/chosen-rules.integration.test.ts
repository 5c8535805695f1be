import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { epoch, lineOf } from '../../support/flows.ts';
import { run } from '../../support/run-program.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { writeLog } from '../replay/flow-logs.ts';

const folder = temporaryFolder();
const large = lineOf({ dstaddr: '198.19.7.7', bytes: 200_000_000, start: epoch, end: epoch + 60 });
const logins = Array.from({ length: 40 }, (_, n) =>
  lineOf({ dstaddr: `10.0.3.${n}`, dstport: 22, start: epoch + n, end: epoch + n + 10 }),
);
writeLog(folder, 'day.log', [large, ...logins]);

interface Replayed {
  readonly pairs: unknown;
  readonly alerts: readonly { readonly rule: string }[];
}
const replayed = async (...args: string[]) =>
  JSON.parse((await run('replay', '--json', folder, ...args)).stdout) as Replayed;
const backtested = async (...args: string[]) =>
  JSON.parse((await run('backtest', '--json', folder, ...args)).stdout) as { rules: { rule: string }[] };

describe('--rule', () => {
  it('gives the alerts of the named rules as in a replay of all rules', async () => {
    const all = await replayed();
    const [first, second] = [...new Set(all.alerts.map(({ rule }) => rule))];
    expect(second).toBeDefined();
    const one = await replayed('--rule', first!);
    expect(one.alerts).toEqual(all.alerts.filter(({ rule }) => rule === first));
    expect(one.pairs).toEqual(all.pairs);
    const two = await replayed('--rule', first!, '--rule', second!);
    expect(two.alerts).toEqual(all.alerts.filter(({ rule }) => rule === first || rule === second));
  });

  it('gives the statistics of the named rules as in a backtest of all rules', async () => {
    const all = await backtested();
    const chosen = await backtested('--rule', 'repeated_rejects', '--rule', 'beaconing');
    expect(chosen.rules).toEqual(all.rules.filter(({ rule }) => ['repeated_rejects', 'beaconing'].includes(rule)));
    expect(chosen.rules).toHaveLength(2);
  });

  it('compares only the named rules with another directory', async () => {
    const args = ['backtest', folder, '--rule', 'repeated_rejects', '--compare', 'rules', '--json'];
    const { compared } = JSON.parse((await run(...args)).stdout) as { compared: { rules: { rule: string }[] } };
    expect(compared.rules.map(({ rule }) => rule)).toEqual(['repeated_rejects']);
  });

  it.each(['replay', 'backtest'])('is refused by %s for an unknown name, with the closest one', async (command) => {
    const { code, stdout, stderr } = await run(command, folder, '--rule', 'repeated_reject');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^flow-sentinel: unknown rule: repeated_reject, .*; did you mean repeated_rejects\?\n$/);
  });

  it('is part of the command in a report', async () => {
    // The other tests read the folder of the logs.
    const report = join(temporaryFolder(), 'report.html');
    await run('replay', join(folder, 'day.log'), '--rule', 'beaconing', '--report', report);
    expect(readFileSync(report, 'utf8')).toContain('--rule beaconing');
  });
});

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventOf, lineOf } from '../../support/flows.ts';
import { run } from '../../support/run-program.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { writeLog } from '../replay/flow-logs.ts';

const folder = temporaryFolder();
const withoutAction = [lineOf({ action: '-' }), lineOf({ bytes: '-' }), lineOf()];

describe('invoke', () => {
  it('says what the flows cannot show, and which alerts are only logged', async () => {
    const rules = join(folder, 'rules');
    mkdirSync(rules);
    for (const name of ['repeated_rejects.yml', 'admin_brute_force.yml']) {
      const text = readFileSync(join('rules', name), 'utf8');
      writeFileSync(join(rules, name), text.replaceAll('status: stable', 'status: experimental'));
    }
    const event = join(folder, 'event.json');
    const rejects = Array.from({ length: 12 }, (_, n) => lineOf({ action: 'REJECT', srcport: n }));
    writeFileSync(event, JSON.stringify(eventOf([...rejects, ...withoutAction])));
    const [text, json] = [
      await run('invoke', event, '--rules', rules),
      await run('invoke', event, '--rules', rules, '--json'),
    ];
    expect(text.stdout).toContain('  1 flow counted 0: no action (docs/reference/limits.md#input)\n');
    expect(text.stdout).toContain('No alerts; 1 rule is blind\n');
    expect(text.stdout).toMatch(/Logged and not sent, since the rule is experimental\n\n {2}Subject: MEDIUM: /);
    expect(text.stdout).toMatch(/admin_brute_force +high +blind: needs tcp-flags\n/);
    expect(JSON.parse(json.stdout)).toMatchObject({
      uncounted: { noAction: 1, noBytes: 1, noAddress: 0 },
      unseen: [{ rule: 'admin_brute_force', state: 'blind', flows: 15 }],
      alerts: [],
      logged: [{ rule: 'repeated_rejects', ruleStatus: 'experimental' }],
    });
  });
});

describe('hunt', () => {
  it('says on standard error how many flows count 0', async () => {
    const { stderr } = await run('hunt', 'top-talkers', writeLog(folder, 'a.log', withoutAction));
    expect(stderr).toBe('flow-sentinel: 1 flow counted 0: no action\nflow-sentinel: 1 flow counted 0: no bytes\n');
  });
});

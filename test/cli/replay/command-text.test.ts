import { expect, it } from 'vitest';
import { commandText } from '../../../cli/replay/command-text.ts';
import { epoch } from '../../support/flows.ts';

it('commandText names the options that decide the result', () => {
  const options = {
    stage: 'prod',
    scope: 'vpc',
    format: ['a b'],
    names: 'my names',
    geo: 'geo.bin',
    dns: ['my dns', 'b.log'],
    from: epoch,
    rule: ['beaconing'],
  } as const;
  expect(commandText('replay', ['day.log'], options)).toBe(
    "npx flow-sentinel replay day.log --stage prod --scope vpc --format 'a b' --names 'my names' --geo geo.bin --dns 'my dns' --dns b.log --from 2026-11-24T09:00:00Z --rule beaconing",
  );
});

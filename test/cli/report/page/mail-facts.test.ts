import { describe, expect, it } from 'vitest';
import { mailFacts } from '../../../../cli/report/page/mail-facts.ts';
import { alertsOfAllRules, digestAlerts } from '../report-fixtures.ts';

describe('mailFacts', () => {
  it('has every line of the e-mail, for the alerts of all rules', async () => {
    for (const { text } of [...(await alertsOfAllRules()), ...(await digestAlerts())]) {
      const { headline, description, rows, advice, commands, harmless, closing } = mailFacts(text);
      const said = [
        headline,
        ...description,
        ...rows.map(({ label, value }) => `${label}: ${value}`),
        ...advice.map((line) => `- ${line}`),
        ...commands.map((one) => `- ${one.label}: ${one.text}`),
        ...(harmless === undefined ? [] : [`Harmless when: ${harmless}`]),
        ...closing,
      ];
      const isKey = (line: string) => headline.includes(' at once') && line.startsWith('- ');
      const left = text.split('\n').filter((line) => line !== '' && !said.includes(line) && !isKey(line));
      expect(left.filter((line) => line !== 'What to do' && line !== 'Times of the first')).toEqual([]);
      if (!headline.includes(' ended: ')) expect(commands.length).toBeGreaterThanOrEqual(3);
      expect(advice.filter((line) => line.includes('npx flow-sentinel'))).toEqual([]);
      expect(closing.length).toBeGreaterThanOrEqual(2);
    }
  });

  it('has the names that hosts asked for as a row', () => {
    const value = '198.51.100.9 by 10.0.1.5 as update.example.com at 2026-11-24 09:01:10 UTC';
    expect(mailFacts(`HIGH: x\n\nAsked for: ${value}\n`)).toMatchObject({
      description: [],
      rows: [{ label: 'Asked for', value }],
    });
  });

  it('leaves out what happened around the hosts and the history, which the page has from the JSON', () => {
    const text = [
      ...[
        'UPDATE HIGH to CRITICAL: x',
        '',
        'New since the alert of 2026-11-24 09:51:00 UTC:',
        '- GuardDuty HIGH y',
        '',
      ],
      ...[
        'Who: z',
        'History',
        '- 2026-11-24 09:51:00 UTC: HIGH: x',
        '',
        'Around this host, as of t UTC',
        '- a note',
        '',
      ],
      ...['What to do', '- Look at it.', '', 'Rule r, update 1 of alert a. The counts are those of the alert.', ''],
    ].join('\n');
    expect(mailFacts(text)).toMatchObject({
      ...{ description: [], rows: [{ label: 'Who', value: 'z' }], advice: ['Look at it.'], commands: [] },
      closing: ['Rule r, update 1 of alert a. The counts are those of the alert.'],
    });
    expect(mailFacts('HIGH: x\n\nAround this host: not known, context events could not be read\n').description).toEqual(
      [],
    );
  });

  it('leaves out the keys of a digest, which the page lists', () => {
    const text = [
      'HIGH: 12 at once, first 10.0.0.1 with 30 destinations, Sweep',
      '',
      'Why: more than 20 destinations in 1 h for one srcaddr, 12 times in one batch. First those with accepted traffic:',
      '- 10.0.0.1: 30 destinations',
      '- and 2 more',
      '',
      'Times of the first',
      'Window: a to b',
      '',
      'What to do',
      '- Look at it.',
      '- To list all 12 while they are live: npx flow-sentinel alerts list --rule x',
      '- Flows of the first in Athena: SELECT 1',
      '- If the first is harmless: npx flow-sentinel rules silence x',
      '',
      'Rule x, alert y.',
      '',
    ].join('\n');
    expect(mailFacts(text)).toEqual({
      headline: 'HIGH: 12 at once, first 10.0.0.1 with 30 destinations, Sweep',
      description: [],
      rows: [
        {
          label: 'Why',
          value:
            'more than 20 destinations in 1 h for one srcaddr, 12 times in one batch. First those with accepted traffic:',
        },
        { label: 'Window', value: 'a to b' },
      ],
      advice: ['Look at it.'],
      commands: [
        { label: 'To list all 12 while they are live', text: 'npx flow-sentinel alerts list --rule x' },
        { label: 'Flows of the first in Athena', text: 'SELECT 1' },
        { label: 'If the first is harmless', text: 'npx flow-sentinel rules silence x' },
      ],
      harmless: undefined,
      closing: ['Rule x, alert y.'],
    });
  });
});

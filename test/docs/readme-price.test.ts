import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { costsOf, withWrites } from '../../cli/cost/cost-answer.ts';
import { dollars } from '../../cli/cost/dollars.ts';
import { readPriceList } from '../../cli/cost/price-list.ts';
import { settingsShape } from '../../lib/settings/settings.ts';

const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');

describe('the README', () => {
  it('has the prices of a month that cost computes', () => {
    const [small, large] = costsOf({ recordsPerDay: [1e6, 1e8] }, settingsShape.parse({}), readPriceList());
    const whole = (usd: number) => dollars(usd).replace(/\.\d\d$/, '');
    expect(readme).toContain(`${whole(small!.bill.usd)} at 1 M flow records a day`);
    expect(readme).toContain(`${whole(large!.bill.usd)} at 100 M`);
    expect(readme).toContain(`${whole(Math.round(withWrites(large!, 'reservedOneYearUsd')))} with the table's writes`);
    const journal = { counting: 'journal', countEvery: 15 } as const;
    const withJournal = (more: object) =>
      costsOf({ recordsPerDay: [1e8], ...journal, ...more }, settingsShape.parse({}), readPriceList())[0]!;
    expect(readme).toContain(`it costs ${whole(Math.round(withJournal({}).bill.usd))} if a [journal]`);
    const least = withWrites(withJournal({ lakeFormat: 'json' }), 'reservedOneYearUsd');
    expect(readme).toContain(`It costs ${whole(Math.round(least))} with both`);
    const [guardDuty] = large!.alternatives;
    expect(readme).toContain(`costs ${whole(Math.round(guardDuty!.usd))}, and [does something else]`);
  });
});

import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { ReportData } from '../../../../cli/report/page/report-data.ts';
import type { PairCounter } from '../../../../cli/statistics/pair-counter.ts';
import { chromiumPath } from '../../../support/chromium.ts';
import { epoch } from '../../../support/flows.ts';
import { byTier } from '../../../support/tier.ts';
import { pagesInChromium } from '../pages-in-chromium.ts';
import { alertsOfAllRules, reportOf } from '../report-fixtures.ts';

const count = byTier(5_000, 50_000);

/** The busiest come first. */
const many = Array.from({ length: count }, (_, n): PairCounter => {
  const src =
    n % 2 === 0
      ? `10.${n >> 10}.${(n >> 7) & 7}.${n & 127}`
      : `2001:db8:${(n >> 8).toString(16)}::${(n & 255).toString(16)}`;
  const dst = n % 2 === 0 ? `198.51.100.${n % 250}` : '2001:db8:ffff::1';
  return { src, dst, bytes: 1_000_000 - n, rejects: 0, firstSeen: epoch, lastSeen: epoch + 60 };
});

async function reports(): Promise<Record<'many' | 'part', ReportData>> {
  const alerts = (await alertsOfAllRules()).slice(0, 4);
  const all = reportOf(alerts, many);
  const formula = { ...many[0]!, src: '=HYPERLINK("http://x")' };
  return { many: { ...all, pairs: [formula, ...all.pairs.slice(1)] }, part: { ...all, pairCount: 1_200_000 } };
}

const text = (value: number) => value.toLocaleString('en-US');

describe.skipIf(chromiumPath === undefined)('the pairs of a report', () => {
  const open = pagesInChromium(reports);
  const search = (page: Page, searched: string) => page.getByLabel('Address or text').fill(searched);
  const rows = (page: Page) => page.locator('#pairs tbody tr');
  const found = async (page: Page) => /(?<=pairs; )[\d,]+/.exec((await page.locator('#pairs').textContent())!)?.[0];

  it('shows fifty of many pairs at first', async () => {
    const page = await open('many');
    expect(await rows(page).count()).toBe(50);
    expect(await page.locator('#pairs').textContent()).toContain(`All ${text(count)} pairs.`);
    await page
      .locator('#pairs')
      .getByRole('button', { name: `Show 50 more of ${text(count - 50)}` })
      .click();
    expect(await rows(page).count()).toBe(100);
  });

  it('finds an address exactly among all pairs, not only the busiest', async () => {
    const page = await open('many');
    const { src } = many[count - 2]!;
    await search(page, src);
    expect(await found(page)).toBe(String(many.filter((pair) => pair.src === src).length));
    expect(await rows(page).count()).toBe(1);
    expect(await rows(page).first().locator('td').first().textContent()).toBe(src);
    await search(page, '10.0.0.1');
    expect(await found(page)).toBe('0');
  });

  it.each([
    ['10.1.0.0/16', ({ src }: PairCounter) => src.startsWith('10.1.')],
    ['2001:db8:12::/48', ({ src }: PairCounter) => src.startsWith('2001:db8:12:')],
  ])('finds the addresses of %s among all pairs', async (network, isIn) => {
    const page = await open('many');
    await search(page, network);
    const expected = many.filter(isIn).length;
    expect(expected).toBeGreaterThan(100);
    expect(await found(page)).toBe(text(expected));
    expect(await page.locator('#pairs').textContent()).toContain(`in ${network}`);
  });

  it('names the command for all pairs when the report has a part', async () => {
    const page = await open('part');
    const section = page.locator('#pairs');
    expect(await section.textContent()).toContain(`1,200,000 pairs, ${text(count)} in this report`);
    expect(await section.locator('.copied code').textContent()).toBe(
      'npx flow-sentinel hunt counters logs/ --top 1200000',
    );
    await search(page, '10.0.0.0');
    expect(await section.locator('.copied code').textContent()).toBe('npx flow-sentinel hunt host 10.0.0.0 logs/');
  });

  it('shows the hunt command of a pair', async () => {
    const page = await open('part');
    await page.locator('#pairs').getByRole('button', { name: 'Hunt 10.0.0.0 and 198.51.100.0' }).click();
    const command = 'npx flow-sentinel hunt pair 10.0.0.0 198.51.100.0 logs/';
    expect(await page.locator('#pairs [role=status] code').first().textContent()).toBe(command);
  });

  it('downloads the pairs and alerts of the present filter as CSV and JSON', async () => {
    const page = await open('many');
    const download = async (what: string) => {
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: what }).click(),
      ]);
      return { name: file.suggestedFilename(), text: readFileSync(await file.path(), 'utf8') };
    };
    const all = await download('Download these pairs as CSV');
    expect(all.name).toBe('pairs.csv');
    const lines = all.text.split('\r\n');
    expect(lines[0]).toBe('src,dst,bytes,rejects,first_seen,last_seen');
    expect(lines[1]).toMatch(/^"'=HYPERLINK\(""http:\/\/x""\)",/);
    expect(lines).toHaveLength(count + 2);
    await search(page, '10.1.0.0/16');
    const json = await download('Download these pairs as JSON');
    expect(JSON.parse(json.text)).toEqual(many.filter(({ src }) => src.startsWith('10.1.')));
    await page.getByRole('button', { name: 'Reset' }).click();
    await page.getByLabel('Level').selectOption('high');
    const shown = await page.locator('.alert').count();
    const alerts = await download('Download these alerts as JSON');
    const bodies = JSON.parse(alerts.text) as { level: string; rule: string }[];
    expect(bodies.map(({ level }) => level)).toEqual(Array(shown).fill('high'));
    const csv = await download('Download these alerts as CSV');
    expect(csv.text.split('\r\n')).toHaveLength(shown + 2);
    expect(csv.text).toContain(`,high,${bodies[0]!.rule},alert,1,`);
  });
});

import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { ReportData } from '../../../../cli/report/page/report-data.ts';
import { chromiumPath } from '../../../support/chromium.ts';
import { byTier } from '../../../support/tier.ts';
import { accessibilityProblems, drawn, type Looks, layoutProblems } from '../opened-page.ts';
import { pagesInChromium } from '../pages-in-chromium.ts';
import {
  alertsOfAllRules,
  fewAlerts,
  hostileTexts,
  madeUpNames,
  madeUpRegions,
  reportOf,
  somePairs,
  withHostileTexts,
} from '../report-fixtures.ts';

const day = 86_400;

type Name = 'plain' | 'names' | 'known' | 'quiet' | 'old' | 'new' | 'partial' | 'tag' | 'everywhere';

async function reports(): Promise<Record<Name, ReportData>> {
  const sent = fewAlerts(await alertsOfAllRules());
  const [names, regions] = [madeUpNames(), madeUpRegions()];
  const known = reportOf(sent, somePairs, { names, regions });
  const outside = known.outside!;
  const ofDay = (dataTime: number): ReportData => ({ ...known, outside: { ...outside, dataTime } });
  const { from, to } = known.period!;
  const hostileLines = ['198.51.100.0\t198.51.100.255\t64496\tDE\t\u202e<img/src=x/onerror=window.hacked=1>'];
  return {
    plain: reportOf(sent),
    names: reportOf(sent, somePairs, { names }),
    known,
    quiet: reportOf([], somePairs, { regions }),
    old: ofDay(to - 46 * day),
    new: ofDay(from + 46 * day),
    partial: { ...known, known: { ...known.known!, unlisted: 1234 }, outside: { ...outside, outsideFlows: 0 } },
    tag: reportOf(sent, somePairs, {
      names: madeUpNames(hostileTexts.join(' ')),
      regions: madeUpRegions(hostileLines),
    }),
    everywhere: withHostileTexts(known),
  };
}

describe.skipIf(chromiumPath === undefined)('the countries and names of a report', () => {
  const open = pagesInChromium(reports);
  const section = (page: Page) => page.locator('#countries');
  const column = (page: Page, n: number) => section(page).locator(`tbody td:nth-child(${n})`).allTextContents();
  const pairsFound = async (page: Page) =>
    /(?<=pairs; )[\d,]+/.exec((await page.locator('#pairs').textContent())!)?.[0];

  it('have no countries without a table of regions', async () => {
    for (const name of ['plain', 'names'] as const) {
      const page = await open(name);
      expect(await section(page).count()).toBe(0);
      expect(await page.locator('nav').textContent()).not.toContain('Countries');
    }
    expect(await (await open('plain')).locator('.known, #report-addresses').count()).toBe(0);
  });

  it('have a row for each country, operator and AWS Region, the most bytes out first', async () => {
    const page = await open('known');
    expect(await column(page, 1)).toEqual([
      'US (registry), AWS eu-west-1',
      'Not known',
      'DE (registry)',
      'US (registry)',
      'DE (registry)',
    ]);
    expect(await column(page, 2)).toEqual([
      'AS64511 MADE-UP-AWS Example of a cloud provider',
      'not known',
      'AS64496 MADE-UP-HOSTING Example Hosting GmbH',
      'AS64511 MADE-UP-AWS Example of a cloud provider',
      'AS64497 MADE-UP-ISP Example of a provider of access',
    ]);
    const bytesTo = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, n) => 1_000_003 * (from + n)).reduce((sum, bytes) => sum + bytes, 0);
    const sums = section(page).locator('tbody td:nth-child(3) .known data');
    expect(await sums.evaluateAll((all) => all.map((one) => Number(one.getAttribute('value'))))).toEqual([
      bytesTo(96, 128),
      bytesTo(128, 150),
      bytesTo(0, 64),
      bytesTo(72, 96),
      bytesTo(64, 72),
    ]);
    expect(await column(page, 8)).toEqual(['32', '22', '64', '24', '8']);
  });

  it('say what a country is, the day of the data, and what is left out', async () => {
    const text = await section(await open('known')).textContent();
    expect(text).toContain('150 of 297 counted flows with one outside end: 11.2 GB out, 0 bytes in, 0 rejects.');
    expect(text).toContain('not where packets went. Data of 2026-11-23.');
    expect(text).toContain('The table leaves out 1 flow record between two outside addresses.');
    expect(text).not.toContain('days older');
    expect(await section(await open('partial')).textContent()).not.toContain('leaves out');
  });

  it('warn when the data is more than 45 days older or newer than the flows', async () => {
    const warning = async (name: Name) =>
      section(await open(name))
        .locator('.bad')
        .allTextContents();
    expect(await warning('known')).toEqual([]);
    const [old] = await warning('old');
    expect(old).toMatch(/^The data of 2026-10-09 is 46 days older than the last flow, and addresses move/);
    const [tooNew] = await warning('new');
    expect(tooNew).toMatch(/^The data of 2027-01-09 is 46 days newer than the first flow, and addresses move/);
  });

  it('sort countries by any column', async () => {
    const page = await open('known');
    await section(page).getByRole('button', { name: 'Addresses' }).click();
    expect(await column(page, 8)).toEqual(['64', '32', '24', '22', '8']);
    await section(page).getByRole('button', { name: 'Operator' }).click();
    const operators = await column(page, 2);
    expect(operators).toEqual(operators.toSorted());
  });

  it('draw the bytes to each country as bars, with a description', async () => {
    const page = await open('known');
    const chart = section(page).locator('[role=img]');
    expect(await chart.getAttribute('aria-label')).toBe(
      'Accepted bytes to each country: US (registry), AWS eu-west-1 3.57 GB; Not known 3.05 GB; DE (registry) 2.56 GB; US (registry) 2 GB. The table below has the operators.',
    );
    await chart.scrollIntoViewIfNeeded();
    const { x, y, width } = (await chart.boundingBox())!;
    await page.mouse.move(x + width / 2, y + 15);
    const tooltip = section(page).locator('.tooltip');
    await tooltip.waitFor();
    expect(await tooltip.textContent()).toMatch(/^US \(registry\), AWS eu-west-1out3\.57 GBbytes out[\d,]+in0 bytes/);
  });

  it('show the pairs of a clicked place', async () => {
    const page = await open('known');
    for (const [name, query, count] of [
      ['DE (registry)', 'country:DE', '72'],
      ['US (registry), AWS eu-west-1', 'AWS eu-west-1', '32'],
      ['AS64497 MADE-UP-ISP Example of a provider of access', 'AS64497', '8'],
    ] as const) {
      await section(page).getByRole('button', { name, exact: true }).first().click();
      expect(await page.getByLabel('Address or text').inputValue()).toBe(query);
      expect(await pairsFound(page), name).toBe(count);
      expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Pairs');
    }
  });

  it('have a button that shows all pairs again, also when there is no alert and so no form', async () => {
    const page = await open('quiet');
    const button = page.getByRole('button', { name: 'Show all pairs' });
    expect(await button.isVisible()).toBe(false);
    await section(page).getByRole('button', { name: 'DE (registry)' }).first().click();
    expect(await pairsFound(page)).toBe('72');
    await button.click();
    expect(await pairsFound(page)).toBeUndefined();
    expect(await button.isVisible()).toBe(false);
  });

  it.each<[Name, Looks]>([
    ['known', { scheme: 'dark', hash: '#text=country:DE' }],
    ...byTier<[Name, Looks][]>(
      [],
      [
        ['known', { width: 375 }],
        ['quiet', { width: 375, scheme: 'dark' }],
        ['old', {}],
        ['known', { hash: '#host=198.51.100.100' }],
      ],
    ),
  ])('have no accessibility problems: %s %j', async (name, looks) => {
    expect(await accessibilityProblems(await open(name, looks))).toEqual([]);
  });

  it.each(byTier<Name[]>(['everywhere', 'tag'], ['known', 'partial', 'tag', 'everywhere']))(
    'have no text that is cut off, stands on other text, or is interpreted: %s',
    async (name) => {
      const page = await open(name);
      await page.locator('.alert > summary').first().click();
      await page.locator('.detail').first().waitFor();
      for (const width of byTier([1440, 375], [1440, 768, 375])) {
        await page.setViewportSize({ width, height: 900 });
        await drawn(page);
        expect(await layoutProblems(page), `${width} wide`).toEqual([]);
      }
      expect(await page.evaluate(() => 'hacked' in globalThis)).toBe(false);
      expect(await page.locator('img, iframe, object, embed, script:not([type])').count()).toBe(0);
      expect(await page.evaluate(() => /[\u202a-\u202e\u2066-\u2069]/.test(document.body.innerText))).toBe(false);
    },
  );

  it('show names below the addresses of pairs and beside those of the graph', async () => {
    const page = await open('known', { hash: '#text=orders-db' });
    const row = page.locator('#pairs tbody tr').first();
    expect(await row.locator('td').nth(0).textContent()).toBe('10.0.1.5orders-db');
    expect(await row.locator('td').nth(1).textContent()).toBe('10.0.2.7web-1 (only since 2026-11-24 10:00:00)');
    await page.locator('.alert > summary').first().click();
    const graph = page.locator('.detail [role=img]').last();
    await graph.locator('text').first().waitFor();
    expect((await graph.locator('text').allTextContents()).some((text) => text.endsWith(' orders-db'))).toBe(true);
  });

  it('find pairs and alerts by name and owner', async () => {
    const page = await open('known');
    const expected = somePairs.filter(({ src, dst }) => src === '10.0.1.5' || dst === '10.0.1.5').length;
    const withHost = async (text: string) => {
      await page.getByLabel('Address or text').fill(text);
      return {
        alerts: await page.locator('.count').textContent(),
        pairs: /(?<=pairs; )[\d,]+/.exec((await page.locator('#pairs').textContent())!)?.[0],
      };
    };
    const byAddress = await withHost('10.0.1.5');
    expect(byAddress.pairs).toBe(String(expected));
    expect(await withHost('orders-db')).toEqual(byAddress);
    expect(await withHost('PAYMENTS')).toEqual(byAddress);
  });

  it('say in the view of a host who has its address, or where it leads', async () => {
    const inside = await open('known', { hash: '#host=10.0.2.7' });
    expect(await inside.locator('.host-view').textContent()).toContain(
      '10.0.2.7 is instance web-1 (i-02), but only since 2026-11-24 10:00:00 UTC. As of 2026-11-24 09:00:00 UTC.',
    );
    const outside = await open('known', { hash: '#host=198.51.100.100' });
    expect(await outside.locator('.host-view').textContent()).toContain(
      '198.51.100.100 US (registry), AS64511 MADE-UP-AWS Example of a cloud provider, AWS eu-west-1 S3. Data of 2026-11-23.',
    );
  });

  it('have names and countries in the downloaded CSV', async () => {
    const page = await open('known', { hash: '#text=10.0.2.7' });
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download these pairs as CSV' }).click(),
    ]);
    const [header, first] = readFileSync(await file.path(), 'utf8').split('\r\n');
    expect(header).toMatch(/,src_name,src_owner,src_country,.*,dst_name,dst_owner,dst_country,/);
    expect(first).toContain(',orders-db,payments,,,,,web-1,,,,,');
  });

  it('say how many addresses are without a name when the report has too many', async () => {
    expect(await (await open('partial')).locator('#pairs').textContent()).toContain(
      '1,234 addresses without a name or a country here: the report has too many.',
    );
  });
});

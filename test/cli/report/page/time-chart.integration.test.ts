import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { ReportData } from '../../../../cli/report/page/report-data.ts';
import { chromiumPath } from '../../../support/chromium.ts';
import { epoch } from '../../../support/flows.ts';
import { drawn, layoutProblems } from '../opened-page.ts';
import { pagesInChromium } from '../pages-in-chromium.ts';
import { alertsOfAllRules, digestAlerts, manyAlerts, reportOf } from '../report-fixtures.ts';

const day = 86_400;

/** The report with its traffic spread over a number of days. */
function over(days: number, data: ReportData): ReportData {
  const intervals = Array.from({ length: 200 }, (_, n) => ({
    ...{ at: epoch + Math.floor((n * days * day) / 200 / 3600) * 3600, bytes: 1e9 * (n % 9), rejects: n % 4, flows: 5 },
  }));
  return { ...data, timeline: { seconds: 3600, intervals } };
}

async function reports(): Promise<Record<'hours' | 'night' | 'days' | 'months', ReportData>> {
  const alerts = await alertsOfAllRules();
  const hours = reportOf(manyAlerts(alerts, 300));
  // Ends a few bars after midnight, where a label is near the edge.
  return {
    hours,
    night: reportOf([...alerts, ...manyAlerts(await digestAlerts(), 900)]),
    days: over(9, hours),
    months: over(120, hours),
  };
}

describe.skipIf(chromiumPath === undefined)('charts over time', () => {
  const open = pagesInChromium(reports);
  const texts = (page: Page, section: string) =>
    page.locator(`${section} .chart`).first().locator('text').allTextContents();
  const bars = async (page: Page, section: string) =>
    /each bar is (.*?)\./.exec((await page.locator(`${section} figcaption`).textContent())!)![1];
  const zoom = (page: Page, section: string, name: string) =>
    page.locator(section).getByRole('button', { name, exact: true });
  const alertsIn = async (page: Page) =>
    Number(
      /[\d,]+ alerts/.exec((await page.locator('#alerts .chart').getAttribute('aria-label'))!)![0].replace(/\D/g, ''),
    );

  it.each(['hours', 'night', 'days', 'months'] as const)(
    'have axes with names and labels that do not overlap, at any width: %s',
    async (name) => {
      const page = await open(name, { width: 375 });
      for (const width of [375, 768, 1280]) {
        await page.setViewportSize({ width, height: 900 });
        await drawn(page);
        for (const section of ['#alerts', '#traffic']) {
          const all = await texts(page, section);
          expect(all, `${width} ${section}`).toContain('Time (UTC)');
          expect(all).toContain(section === '#alerts' ? 'Alerts' : 'Accepted bytes');
          const times = all.filter((text) => /^(\d\d-\d\d( \d\d:\d\d)?|\d\d:\d\d|\d{4}-\d\d-\d\d)$/.test(text));
          expect(times.length, `${width} ${section}: ${times}`).toBeGreaterThanOrEqual(2);
        }
        expect(await layoutProblems(page), `${width} wide`).toEqual([]);
      }
    },
  );

  it('zoom by buttons and keys, and show all again', async () => {
    const page = await open('days');
    const [all, whole] = [await alertsIn(page), await bars(page, '#alerts')];
    await zoom(page, '#alerts', 'Zoom in').dblclick();
    await drawn(page);
    expect(await bars(page, '#alerts')).not.toBe(whole);
    expect(await bars(page, '#traffic')).toBe('1 h');
    const from = await page.getByLabel('From (UTC)').inputValue();
    expect(from).toMatch(/^2026-/);
    expect(await alertsIn(page)).toBeGreaterThan(0);
    await zoom(page, '#alerts', 'Zoom in').press('ArrowRight');
    const later = await page.getByLabel('From (UTC)').inputValue();
    expect(later > from).toBe(true);
    await zoom(page, '#traffic', 'Zoom in').press('ArrowLeft');
    expect(await page.getByLabel('From (UTC)').inputValue()).toBe(from);
    await zoom(page, '#traffic', 'Show all time').click();
    expect([await alertsIn(page), await bars(page, '#alerts')]).toEqual([all, whole]);
    expect(new URL(page.url()).hash).toBe('');
  });

  it('zoom to the range that is dragged, in both charts', async () => {
    const page = await open('days');
    const all = await alertsIn(page);
    await page.locator('#traffic .chart').scrollIntoViewIfNeeded();
    const { x, y, width } = (await page.locator('#traffic .chart').boundingBox())!;
    await page.mouse.move(x + width * 0.1, y + 80);
    await page.mouse.down();
    await page.mouse.move(x + width * 0.3, y + 90, { steps: 4 });
    await page.mouse.up();
    await page.waitForURL(/#from=.*&to=/);
    await drawn(page);
    expect(await alertsIn(page)).toBeLessThan(all);
    expect((await texts(page, '#alerts')).some((text) => /^\d\d-\d\d \d\d:\d\d$/.test(text))).toBe(true);
  });

  it('follow the level, the rule and the address of the filter', async () => {
    const page = await open('hours');
    const all = await alertsIn(page);
    await page.getByLabel('Level').selectOption('high');
    const high = await alertsIn(page);
    expect(high).toBeLessThan(all);
    expect(await page.locator('.count').textContent()).toMatch(new RegExp(`^${high} of `));
    await page.getByRole('button', { name: 'Reset' }).click();
    await page.getByLabel('Address or text').fill('10.0.2.7');
    const traffic = page.locator('#traffic');
    expect(await traffic.textContent()).toContain('Traffic of 10.0.2.7 in both directions.');
    expect(await bars(page, '#traffic')).toBe('1 h');
    await page.getByLabel('Address or text').fill('10.0.0.0/8');
    expect(await traffic.textContent()).toContain('Traffic of 2 hosts in 10.0.0.0/8');
    await page.getByLabel('Address or text').fill('192.0.2.99');
    expect(await traffic.textContent()).toContain('The report has no hours of 192.0.2.99.');
    expect(await traffic.locator('.chart').getAttribute('aria-label')).toContain('0 bytes accepted');
  });
});

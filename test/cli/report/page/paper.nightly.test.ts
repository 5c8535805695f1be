import { describe, expect, it } from 'vitest';
import { chromiumPath } from '../../../support/chromium.ts';
import { pagesInChromium } from '../pages-in-chromium.ts';
import { alertsOfAllRules, fewAlerts, manyAlerts, reportOf } from '../report-fixtures.ts';

// What is on paper is in main.integration.test.ts.

/** Counts the pages of a PDF that Chromium wrote. */
const pagesOf = (pdf: Buffer) => pdf.toString('latin1').match(/\/Type\s*\/Page\b(?!s)/g)!.length;

describe.skipIf(chromiumPath === undefined)('the page of a report on paper', () => {
  const open = pagesInChromium(async () => ({
    printed: reportOf(manyAlerts(fewAlerts(await alertsOfAllRules()), 33)),
  }));

  it('has fewer than 20 sheets when 33 alerts are printed', async () => {
    const page = await open('printed');
    expect(pagesOf(await page.pdf({ format: 'A4' }))).toBeLessThan(20);
  });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import type { ReportData } from '../../../cli/report/page/report-data.ts';
import { reportHtml } from '../../../cli/report/report-html.ts';
import { chromiumPath, startChromium } from '../../support/chromium.ts';
import { type Looks, type OpenedPage, openPage, pageFile } from './opened-page.ts';

/**
 * Starts Chromium for the tests of a `describe`, and returns a function that opens a page of `reports`. After each test,
 * no page may have logged or requested anything.
 */
export function pagesInChromium<Name extends string>(
  reports: () => Promise<Readonly<Record<Name, ReportData>>>,
): (name: Name, looks?: Looks) => Promise<Page> {
  const folder = mkdtempSync(join(tmpdir(), 'flow-sentinel-page-'));
  const files = new Map<string, string>();
  const opened: OpenedPage[] = [];
  let browser: Browser;
  let context: BrowserContext;
  beforeAll(async () => {
    browser = await startChromium(chromiumPath!);
    context = await browser.newContext({ acceptDownloads: true });
    for (const [name, data] of Object.entries<ReportData>(await reports())) {
      files.set(name, pageFile(folder, name, await reportHtml(data)));
    }
  });
  afterEach(async () => {
    const all = opened.splice(0);
    for (const { page } of all) await page.close();
    expect(all.flatMap(({ problems }) => problems)).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true });
  });
  return async (name, looks) => {
    const one = await openPage(context, files.get(name)!, looks);
    opened.push(one);
    return one.page;
  };
}

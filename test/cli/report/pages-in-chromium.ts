import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import type { ReportData } from '../../../cli/report/page/report-data.ts';
import { reportHtml } from '../../../cli/report/report-html.ts';
import { chromiumPath, startChromium } from '../../support/chromium.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { type Looks, type OpenedPage, openPage } from './opened-page.ts';

/**
 * Starts Chromium for the tests of a `describe`, and returns a function that opens a page of `reports`. After each test,
 * no page may have logged or requested anything.
 */
export function pagesInChromium<Name extends string>(
  reports: () => Promise<Readonly<Record<Name, ReportData>>>,
): (name: Name, looks?: Looks) => Promise<Page> {
  const folder = temporaryFolder();
  const files = new Map<string, string>();
  const opened: OpenedPage[] = [];
  let browser: Browser;
  let context: BrowserContext;
  beforeAll(async () => {
    browser = await startChromium(chromiumPath!);
    context = await browser.newContext();
    for (const [name, data] of Object.entries<ReportData>(await reports())) {
      const path = join(folder, `${name}.html`);
      writeFileSync(path, await reportHtml(data));
      files.set(name, path);
    }
  });
  afterEach(async () => {
    const all = opened.splice(0);
    for (const { page } of all) await page.close();
    expect(all.flatMap(({ problems }) => problems)).toEqual([]);
  });
  afterAll(() => browser?.close());
  return async (name, looks) => {
    const one = await openPage(context, files.get(name)!, looks);
    opened.push(one);
    return one.page;
  };
}

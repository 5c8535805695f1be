import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import type { ReportData } from '../../../cli/report/page/report-data.ts';
import { reportHtml } from '../../../cli/report/report-html.ts';
import { chromiumPath, startChromium } from '../../support/chromium.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { type Looks, Tab } from './opened-page.ts';

/**
 * Starts Chromium for the tests of a `describe`, and returns a function that opens a page of `reports`: the first page of
 * a test in the tab of earlier tests. After each test, no page may have logged or requested anything.
 */
export function pagesInChromium<Name extends string>(
  reports: () => Promise<Readonly<Record<Name, ReportData>>>,
): (name: Name, looks?: Looks) => Promise<Page> {
  const folder = temporaryFolder();
  const files = new Map<string, string>();
  /** All tabs; the first `used` have a page of the present test. */
  const tabs: Tab[] = [];
  let used = 0;
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
    const problems: string[] = [];
    for (const tab of tabs.slice(0, used)) {
      await tab.leave();
      problems.push(...tab.problems.splice(0));
    }
    used = 0;
    expect(problems).toEqual([]);
  });
  afterAll(() => browser?.close());
  return async (name, looks) => {
    if (used === tabs.length) tabs.push(new Tab(await context.newPage()));
    const tab = tabs[used]!;
    used += 1;
    await tab.open(files.get(name)!, looks);
    return tab.page;
  };
}

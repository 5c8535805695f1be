import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { ReportData } from '../../../../cli/report/page/report-data.ts';
import type { AlertBody } from '../../../../lambda/alert/alert-body.ts';
import { chromiumPath } from '../../../support/chromium.ts';
import { defaultRules } from '../../../support/rules.ts';
import { byTier } from '../../../support/tier.ts';
import { accessibilityProblems, drawn, type Looks, layoutProblems } from '../opened-page.ts';
import { pagesInChromium } from '../pages-in-chromium.ts';
import {
  alertsOfAllRules,
  digestAlerts,
  fewAlerts,
  hostileFlowsReport,
  manyAlerts,
  reportOf,
  somePairs,
  withHostileTexts,
} from '../report-fixtures.ts';

describe.skipIf(chromiumPath === undefined)('the page of a report', () => {
  let sent: Awaited<ReturnType<typeof alertsOfAllRules>>;
  const open = pagesInChromium(async () => {
    sent = await alertsOfAllRules();
    const all = reportOf(sent);
    return {
      none: reportOf([], []),
      one: {
        ...reportOf(sent.slice(0, 1), somePairs.slice(0, 12)),
        leftOut: ['2 flows left out', 'name <b>networks</b>'],
      },
      few: reportOf(
        [...fewAlerts(sent), ...(await digestAlerts())],
        // With the widest addresses, which come last.
        somePairs.filter((_, n) => n % 12 === 0 || n === somePairs.length - 1),
      ),
      all,
      thousands: reportOf(manyAlerts(sent, 1200)),
      storm: reportOf([...sent, ...manyAlerts(await digestAlerts(), 900)]),
      well: withoutProblems(all),
      paper: reportOf(sent.slice(0, 1)),
      hostile: await hostileFlowsReport(),
      'hostile-everywhere': withHostileTexts(all),
    };
  });
  type Name = Parameters<typeof open>[0];

  const status = (page: Page) => page.locator('.count').textContent();
  const openFirst = (page: Page) => page.locator('.alert > summary').first().click();

  it.each(byTier<Name[]>(['none', 'few'], ['none', 'one', 'few', 'all', 'thousands']))(
    'has no text that is cut off or stands on other text, at any width: alerts %s',
    async (name) => {
      const page = await open(name);
      if (name !== 'thousands') await openAlerts(page, 30);
      for (const width of [1440, 768, 375]) {
        await page.setViewportSize({ width, height: 900 });
        await drawn(page);
        expect(await layoutProblems(page), `${width} wide`).toEqual([]);
      }
    },
  );

  it.each<[Name, Looks]>([
    ...byTier<[Name, Looks][]>(
      [],
      [
        ['none', { width: 375, scheme: 'dark' }],
        ['one', { width: 1440, scheme: 'light' }],
        ['few', { width: 375, scheme: 'light' }],
      ],
    ),
    ['few', { width: 1440, scheme: 'dark' }],
  ])('has no accessibility problems: %s', async (name, looks) => {
    const page = await open(name, looks);
    await openAlerts(page, 1);
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  it('says which flows are left out when networks are monitored', async () => {
    const text = (await (await open('one')).textContent('body')) ?? '';
    expect(text).toContain('2 flows left out.');
    expect(text).toContain('Name <b>networks</b>.');
    expect(await (await open('none')).textContent('body')).not.toContain('left out.');
  });

  it('says that no rule alerted when there are no alerts', async () => {
    const page = await open('none');
    expect(await page.locator('h1').textContent()).toBe('No alerts');
    expect(await page.locator('.silent').textContent()).toMatch(
      /^No rule alerted: \d+ rules evaluated 145 counted flows\. \d+ rules could not see all flows, or need logs of a longer time\.$/,
    );
    expect(await page.locator('form').count()).toBe(0);
    expect(await page.locator('#pairs').textContent()).toContain('No pairs were counted.');
  });

  it('shows the facts, queries, JSON body and e-mail of an alert', async () => {
    const page = await open('one');
    await openFirst(page);
    const { subject, text, body } = sent[0]!;
    const detail = page.locator('.detail');
    const mail = text.split('\n');
    for (const label of ['Why', 'Window', 'Seen', 'In all', 'From', 'To', 'Ports', 'Account']) {
      const said = mail.find((line) => line.startsWith(`${label}: `));
      if (said) expect(await detail.textContent()).toContain(said.slice(label.length + 2));
    }
    const queries = mail.filter((line) => /^- ((?:Flows|Values) in|What the rule|If it is|To silence)/.test(line));
    const [hunt, ...commands] = await detail.locator('.copied code').allTextContents();
    expect(hunt).toMatch(/^npx flow-sentinel hunt pair \S+ \S+ logs\/ --from \S+ --to \S+$/);
    expect(commands).toEqual(queries.map((line) => line.replace(/^- [^:]*: /, '')));
    await detail.getByText('E-mail as sent').click();
    expect(await detail.locator('pre').first().textContent()).toBe(`Subject: ${subject}\n\n${text}`);
    await detail.getByText('JSON body').click();
    expect(JSON.parse((await detail.locator('pre').nth(1).textContent())!)).toEqual(JSON.parse(body as string));
  });

  it('shows all distinct values of an alert when its e-mail has the first only', async () => {
    const scan = fewAlerts(sent).find(({ body }) => /"rule":"vertical_scan"/.test(body as string))!;
    const { distinct } = JSON.parse(scan.body as string) as AlertBody;
    expect(distinct!.values.length).toBeGreaterThan(20);
    expect(scan.text).toMatch(/^All ports: .* and \d+ more$/m);
    const page = await open('few');
    const alert = page.locator('.alert', { hasText: 'Port scan of one host' });
    await alert.locator('summary').first().click();
    expect(await alert.locator('dt', { hasText: 'All ports' }).locator('+ dd').textContent()).toBe(
      distinct!.values.join(', '),
    );
  });

  it('lists and counts each alert of a digest', async () => {
    const rules = fewAlerts(sent).length;
    const page = await open('few', { hash: '#text=10.0.3.' });
    expect(await page.locator('.alert .note').allTextContents()).toEqual([
      '30 in one e-mail',
      'resolved',
      '30 in one e-mail',
      'resolved',
    ]);
    await openAlerts(page, 1);
    const keys = page.getByRole('group', { name: 'Alerts in this e-mail' });
    expect(await keys.locator('tbody tr').count()).toBe(20);
    expect(await page.locator('.detail').textContent()).toContain('The most telling first; 10 more are not listed:');
    expect(await page.locator('.tiles').textContent()).toMatch(
      new RegExp(`Alerts${rules + 30}.*in ${rules + 1} e-mails`),
    );
  });

  it('copies a text, or selects it when the browser forbids copying', async () => {
    const page = await open('one');
    await openFirst(page);
    const block = page.locator('.copied').first();
    const code = await block.locator('code').textContent();
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await block.getByRole('button').click();
    await block.getByRole('button', { name: /^Copied/ }).waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(code);
    await page.evaluate(() => {
      navigator.clipboard.writeText = () => Promise.reject(new Error('not allowed'));
    });
    await block.getByRole('button').click();
    await block.getByRole('button', { name: /^Selected/ }).waitFor();
    expect(await page.evaluate(() => getSelection()?.toString())).toBe(code);
  });

  it('filters by level, rule, text and time, and stores the filters in the URL', async () => {
    const page = await open('all');
    const levels = sent.map(({ body }) => (JSON.parse(body as string) as { level: string }).level);
    const high = levels.filter((level) => level === 'high').length;
    await page.getByLabel('Level').selectOption('high');
    expect(await status(page)).toBe(`${high} of ${sent.length} alerts`);
    expect(await page.locator('.alert .level').allTextContents()).toEqual(Array(high).fill('high'));
    await page.getByLabel('Rule', { exact: true }).selectOption('data_exfiltration');
    const some = await status(page);
    expect(some).not.toBe(`${high} of ${sent.length} alerts`);
    await page.reload();
    await page.waitForSelector('footer');
    expect(await status(page)).toBe(some);
    expect(await page.getByLabel('Rule', { exact: true }).inputValue()).toBe('data_exfiltration');
    await page.getByRole('button', { name: 'Reset' }).click();
    expect(await status(page)).toBe(`${sent.length} of ${sent.length} alerts`);
    await page.getByLabel('Address or text').fill('10.0.1.5');
    const found = await page.locator('.alert').count();
    expect(found).toBeLessThan(sent.length);
    expect(await page.locator('#pairs').textContent()).toContain('2 of 10.0.1.5');
    await page.getByLabel('Address or text').fill('nobody');
    expect(await status(page)).toBe(`0 of ${sent.length} alerts`);
    await page.getByRole('button', { name: 'Reset' }).click();
    await page.getByLabel('From (UTC)').fill('2099-01-01');
    expect(await status(page)).toBe(`0 of ${sent.length} alerts`);
    await page.getByLabel('From (UTC)').fill('soon');
    expect(await page.getByLabel('From (UTC)').getAttribute('aria-invalid')).toBe('true');
    expect(new URL(page.url()).hash).toBe('#from=2099-01-01+00%3A00');
  });

  it('filters by the time selected in the chart of alerts', async () => {
    const page = await open('thousands');
    const { x, y, width } = (await page.locator('#alerts .chart').boundingBox())!;
    await page.mouse.move(x + width * 0.3, y + 80);
    await page.mouse.down();
    await page.mouse.move(x + width * 0.5, y + 90, { steps: 4 });
    await page.mouse.up();
    await page.waitForURL(/#from=.*&to=/);
    const drawn = Number.parseInt((await status(page))!.replace(',', ''), 10);
    expect(drawn).toBeGreaterThan(0);
    expect(drawn).toBeLessThan(1200);
    await page.mouse.click(x + width * 0.3, y + 120);
    await expect.poll(async () => Number.parseInt((await status(page))!.replace(',', ''), 10)).toBeLessThan(drawn);
  });

  it('shows thousands of alerts in pages of a hundred', async () => {
    const page = await open('thousands');
    expect(await status(page)).toBe('1,200 of 1,200 alerts');
    expect(await page.locator('.alert').count()).toBe(100);
    await page.getByRole('button', { name: 'Show 100 more of 1,100' }).click();
    expect(await page.locator('.alert').count()).toBe(200);
    expect(await page.evaluate(() => document.activeElement?.closest('.alert')?.previousElementSibling !== null)).toBe(
      true,
    );
  });

  it('sorts pairs by any column and marks that column', async () => {
    const page = await open('all');
    const table = page.locator('#pairs table');
    const column = (n: number) => table.locator(`tbody td:nth-child(${n})`).allTextContents();
    const numbers = async () => (await column(5)).map((text) => Number(text.replaceAll(',', '')));
    await table.getByRole('button', { name: 'Rejects' }).click();
    expect(await table.locator('th[aria-sort=descending]').textContent()).toBe('Rejects');
    const most = await numbers();
    expect(most).toEqual(most.toSorted((a, b) => b - a));
    expect(most[0]).toBe(24);
    await table.getByRole('button', { name: 'Rejects' }).click();
    expect(await table.locator('th[aria-sort=ascending]').textContent()).toBe('Rejects');
    expect((await numbers())[0]).toBe(0);
    await table.getByRole('button', { name: 'Source' }).click();
    const sources = await column(1);
    expect(sources).toEqual(sources.toSorted());
  });

  it('shows all digits of integers beyond 53 bits', async () => {
    const page = await open('all');
    const row = page.locator('#pairs tbody tr').first();
    expect(await row.locator('td').nth(3).textContent()).toBe('9,223,372,036,854,775,807');
    expect(await row.locator('td').nth(2).locator('data').getAttribute('value')).toBe('9223372036854775807');
    expect(await page.locator('.tiles').textContent()).toMatch(/9,223,372,036,85\d,\d{3},\d{3} bytes/);
  });

  it('lists all rules and shows the alerts of a clicked rule', async () => {
    const page = await open('all');
    const names = await page.locator('#rules tbody td:first-child').allTextContents();
    expect(names.toSorted()).toEqual([...defaultRules.rules.keys()].toSorted());
    await page.locator('#rules').getByRole('button', { name: 'vertical_scan' }).click();
    expect(await page.getByLabel('Rule', { exact: true }).inputValue()).toBe('vertical_scan');
  });

  it('shows why a rule could not alert when the flows lack a field', async () => {
    const page = await open('all');
    const row = page.locator('#rules tbody tr', { hasText: 'probe_that_got_in' });
    expect(await row.textContent()).toContain('blind: needs tcp-flags');
    expect(await page.locator('#rules').textContent()).toMatch(
      /\d+ could not see all flows, or need logs of a longer time\./,
    );
  });

  it('draws the conversations of an alert and lists them in a table', async () => {
    const page = await open('all', { hash: '#text=10.0.1.5' });
    await openFirst(page);
    const picture = page.locator('.detail [role=img]').last();
    expect(await picture.getAttribute('aria-label')).toMatch(/^Who talks to whom: \d+ pairs?, in the table below\. /);
    // The chart is drawn when its container has a size.
    await picture.locator('text').first().waitFor();
    const texts = await picture.locator('text').allTextContents();
    expect(texts).toContain('10.0.1.5');
    expect(await page.getByRole('group', { name: 'Who talks to whom' }).locator('tbody tr').count()).toBeGreaterThan(0);
  });

  it('shows the values of a bar in a tooltip', async () => {
    const page = await open('all');
    await page.locator('#traffic .chart').scrollIntoViewIfNeeded();
    const { x, y, width } = (await page.locator('#traffic .chart').boundingBox())!;
    await page.mouse.move(x + width / 2, y + 80);
    const tooltip = page.locator('#traffic .tooltip');
    await tooltip.waitFor();
    expect(await tooltip.textContent()).toMatch(/ UTCaccepted.*bytes[\d,]+rejects\d+flow records\d+$/);
  });

  it('supports the keyboard with a visible focus everywhere', async () => {
    const page = await open('one');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the alerts');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.closest('main') !== null)).toBe(true);
    await page.locator('.alert > summary').focus();
    await page.keyboard.press('Enter');
    await page.locator('.alert[open] .detail').waitFor();
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    const walked = new Set<string>();
    const reachable = await page.evaluate(() => {
      const all = [...document.querySelectorAll<HTMLElement>('a, button, input, select, summary, [tabindex="0"]')];
      return all.filter((one) => one.checkVisibility()).length;
    });
    // After the last element the focus leaves the page and returns to the first one.
    for (let step = 0; step < 2 * reachable && walked.size < reachable; step += 1) {
      await page.keyboard.press('Tab');
      const [place, outline] = await page.evaluate(() => {
        const { activeElement } = document;
        if (activeElement === document.body) return [undefined, ''];
        return [
          [...document.querySelectorAll('*')].indexOf(activeElement!),
          getComputedStyle(activeElement!).outlineStyle,
        ];
      });
      expect(outline).not.toBe('none');
      if (place !== undefined) walked.add(String(place));
    }
    expect(walked.size).toBe(reachable);
  });

  it('prints in light colours and without controls', async () => {
    const page = await open('one', { scheme: 'dark', width: 720 });
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    await page.locator('.detail .facts').waitFor();
    for (const control of ['nav', 'form', '.copy', '.skip']) {
      for (const one of await page.locator(control).all()) expect(await one.isVisible(), control).toBe(false);
    }
    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe('rgb(255, 255, 255)');
    expect(await page.evaluate(() => getComputedStyle(document.querySelector('.detail tr')!).breakInside)).toBe(
      'avoid',
    );
    expect(await layoutProblems(page)).toEqual([]);
  });

  it('opens the alerts and fits the charts before printing', async () => {
    const page = await open('few');
    const [alerts, opened, folded] = await page.evaluate(() => {
      dispatchEvent(new Event('beforeprint'));
      const count = (selector: string) => document.querySelectorAll(selector).length;
      return [count('.alert'), count('.alert[open] .detail .facts'), count('.fold[open]')];
    });
    expect(opened).toBe(alerts);
    expect(folded).toBe(1);
    const fits = page.evaluate(
      () =>
        new Promise((resolve) => {
          matchMedia('print').addEventListener('change', () => {
            const boxes = [...document.querySelectorAll('.chart')].filter(({ clientWidth }) => clientWidth > 0);
            resolve(boxes.map((box) => Number(box.querySelector('svg')?.getAttribute('width')) === box.clientWidth));
          });
        }),
    );
    await page.pdf({ format: 'A4' });
    expect(new Set((await fits) as boolean[])).toEqual(new Set([true]));
  });

  it('names what is not on paper, and prints what to do', async () => {
    const page = await open('paper');
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('#pairs').innerText()).toContain('102 more rows are in the file, not on paper.');
    for (const part of ['What to do', 'Why', 'Harmless when']) {
      expect(await page.locator('.detail').first().innerText()).toContain(part);
    }
  });

  it('folds what was read when all is well, and opens the fold when something is wrong', async () => {
    const page = await open('none');
    const fold = page.locator('#read details');
    expect(await fold.evaluate((one: HTMLDetailsElement) => one.open)).toBe(true);
    const well = await open('well');
    expect(await well.locator('#read table').isVisible()).toBe(false);
    expect(await well.locator('#read summary').textContent()).toContain('145 flow records, all counted.');
    await well.getByRole('link', { name: 'What was read' }).click();
    expect(await well.locator('#read table').first().isVisible()).toBe(true);
  });

  it('has the same number of alerts in each part when there are more than a page of the list', async () => {
    const page = await open('storm');
    const bodies = [...sent, ...manyAlerts(await digestAlerts(), 900)].map(({ body }) => JSON.parse(body) as AlertBody);
    const alerted = bodies.filter(({ ended }) => !ended);
    const alerts = alerted.reduce((sum, { digest }) => sum + (digest?.alerts ?? 1), 0);
    const text = (value: number) => value.toLocaleString('en-US');
    expect(alerts).toBeGreaterThan(9000);
    expect(await page.locator('h1').textContent()).toMatch(new RegExp(`^${text(alerts)} alerts of \\d+ rules$`));
    expect(await page.title()).toContain(`${text(alerts)} alerts in ${text(alerted.length)} e-mails`);
    const tile = page.locator('.tiles > div').first();
    expect(await tile.locator('.big').textContent()).toBe(text(alerts));
    const levels = (await tile.locator('.small').textContent())!;
    expect(levels).toContain(`in ${text(alerted.length)} e-mails`);
    const sum = (texts: readonly string[]) => texts.reduce((all, one) => all + Number(one.replace(/\D/g, '')), 0);
    expect(sum(levels.replace(/;.*/, '').split(', '))).toBe(alerts);
    expect(await status(page)).toBe(
      `${text(alerts)} of ${text(alerts)} alerts, in ${text(alerted.length)} of ${text(alerted.length)} e-mails; ` +
        `${text(bodies.length - alerted.length)} of ${text(bodies.length - alerted.length)} resolution notices`,
    );
    expect(await page.locator('.counts').textContent()).toContain(
      'A digest is one line and counts as all of its alerts',
    );
    expect(await page.locator('.counts').textContent()).toContain('a search finds only these');
    expect(await page.locator('#alerts .chart').getAttribute('aria-label')).toContain(`: ${text(alerts)} alerts (`);
    expect(sum(await page.locator('#rules tbody td:nth-child(5)').allTextContents())).toBe(alerts);
    expect(await page.locator('#rules tr', { hasText: 'data_exfiltration' }).last().textContent()).toContain(
      'at least',
    );
    await page.locator('#rules').getByRole('button', { name: 'data_exfiltration' }).click();
    const ofRule = alerted.filter(({ rule }) => rule === 'data_exfiltration');
    const shown = ofRule.reduce((all, { digest }) => all + (digest?.alerts ?? 1), 0);
    expect(await status(page)).toMatch(
      new RegExp(`^${text(shown)} of ${text(alerts)} alerts, in ${text(ofRule.length)} of `),
    );
    expect(await page.locator('#alerts .chart').getAttribute('aria-label')).toContain(`: ${text(shown)} alerts (`);
  });

  it.each(['hostile', 'hostile-everywhere'] as const)(
    'shows text of records without interpreting markup: %s',
    async (name) => {
      const page = await open(name);
      await openAlerts(page, 12);
      await page.getByText('JSON body').first().click();
      await page.locator('#pairs').getByRole('button', { name: 'Source' }).click();
      for (const width of [1440, 375]) {
        await page.setViewportSize({ width, height: 900 });
        await drawn(page);
        expect(await page.evaluate(() => 'hacked' in globalThis)).toBe(false);
        expect(await page.locator('img, iframe, object, embed, script:not([type])').count()).toBe(0);
        expect(await page.evaluate(() => /[\u202a-\u202e\u2066-\u2069]/.test(document.body.innerText))).toBe(false);
        expect(await page.locator('a[href^="javascript"]').count()).toBe(0);
        expect(await layoutProblems(page)).toEqual([]);
      }
    },
  );

  it('names the remedy when scripts are disabled', async () => {
    const opened = await open('one');
    const scriptless = await opened.context().browser()!.newContext({ javaScriptEnabled: false });
    const page = await scriptless.newPage();
    await page.goto(opened.url());
    expect(await page.locator('noscript').innerText()).toContain('Open it in a web browser');
    await scriptless.close();
  });
});

/** The report as if all lines and sources could be read. */
function withoutProblems(data: ReportData): ReportData {
  const sources = data.sources.map(({ name, kind, records }) => ({ name, kind, records }));
  return { ...data, sources, records: { ...data.records, unreadable: 0, reasons: [] } };
}

async function openAlerts(page: Page, most: number): Promise<void> {
  await page.evaluate(async (count) => {
    for (const entry of [...document.querySelectorAll<HTMLDetailsElement>('.alert')].slice(0, count)) entry.open = true;
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  }, most);
}

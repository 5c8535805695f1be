import { mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import type { ReportData } from '../../../../cli/report/page/report-data.ts';
import { chromiumPath } from '../../../support/chromium.ts';
import { lineOf } from '../../../support/flows.ts';
import { shellCommands } from '../../../support/printed/shell-commands.ts';
import { run } from '../../../support/run-program.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { byTier } from '../../../support/tier.ts';
import { accessibilityProblems, drawn, layoutProblems } from '../opened-page.ts';
import { pagesInChromium } from '../pages-in-chromium.ts';
import { alertsOfAllRules, hostileTexts, reportOf, somePairs, withHostileTexts } from '../report-fixtures.ts';

const before = process.cwd();
afterAll(() => process.chdir(before));

const v6 = '2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff';
const folder = "it's/my logs";

/** A report with a finding and a change around the host of an alert, which one update tells. */
function withContext(all: ReportData): ReportData {
  const chosen = all.alerts.find(({ body }) => body.key.srcaddr === '10.0.1.5' && body.level === 'high')!;
  const { id, window, level } = chosen.body;
  const [opened, found] = [`sg-1 opened by ${hostileTexts[0]}`, `C&CActivity.B!DNS ${hostileTexts[3]}`];
  const around = {
    ...{ read: true, asOf: window.to },
    notes: [
      { kind: 'finding' as const, id: 'f', text: found, time: window.from, level: 'high' as const, raises: 'a reason' },
      { kind: 'change' as const, id: 'c', text: opened, time: window.from - 600 },
    ],
    raised: { from: 'high' as const, to: 'critical' as const, reason: 'a reason', evidence: 'f' },
  };
  const history = [
    { time: window.to, id, level: 'high' as const, text: 'the first message' },
    { time: window.to + 3600, id: 'u', level: 'critical' as const, text: found },
  ];
  const body = { ...chosen.body, id: 'u', level: 'critical', time: (window.to + 3600) * 1000, around };
  const update = { ...chosen, body: { ...body, update: { number: 1, alert: id, history } } };
  const addresses = ['10.0.1.5'];
  const events = [
    { kind: 'change' as const, id: 'c', time: window.from - 600, text: opened, addresses },
    { kind: 'finding' as const, id: 'f', time: window.to, level, text: found, addresses },
    { kind: 'change' as const, id: 'd', time: window.from, text: 'another host', addresses: [] },
  ];
  return { ...all, alerts: [chosen, update], context: { events, unlisted: 7 } };
}

async function reports(): Promise<Record<'all' | 'part' | 'hostile' | 'context', ReportData>> {
  const all = reportOf(await alertsOfAllRules());
  const hunt = { words: [folder] };
  return {
    all: { ...all, hunt },
    part: { ...all, pairs: all.pairs.slice(0, 20), pairCount: 5000 },
    hostile: withHostileTexts(withContext(all)),
    context: withContext(all),
  };
}

describe.skipIf(chromiumPath === undefined)('the page of a host', () => {
  const open = pagesInChromium(reports);
  const host = '#host=10.0.1.5';

  it('has the alerts, hours, ports and pairs of the host, in both directions', async () => {
    const page = await open('all', { hash: host });
    expect(await page.locator('h2').first().textContent()).toBe('Host 10.0.1.5');
    const view = page.locator('.host-view');
    expect(await view.locator('p', { hasText: 'Sent' }).textContent()).toMatch(
      /^Sent 9\.22 EB to \d+ hosts \(\d+ rejects?\); received 0 bytes from 0 hosts \(0 rejects\)\.$/,
    );
    const pairs = view.getByRole('group', { name: 'Pairs of this host' }).locator('tbody tr');
    const expected = somePairs.filter(({ src, dst }) => src === '10.0.1.5' || dst === '10.0.1.5');
    expect(await pairs.count()).toBe(expected.length);
    expect(await view.locator('.alert').count()).toBeGreaterThan(0);
    expect(await view.getByRole('group', { name: 'Ports' }).locator('tbody tr').count()).toBeGreaterThan(0);
    expect(await view.locator('[role=img]').last().getAttribute('aria-label')).toMatch(
      /^Traffic over time: 9\.22 EB accepted, 24 rejects\./,
    );
    expect(await page.title()).toContain('10.0.1.5');
    expect(await page.locator('#alerts').isVisible()).toBe(false);
  });

  it('has findings and changes among the alerts, and an update with its alert', async () => {
    const page = await open('context', { hash: host, width: 375 });
    const rows = page.getByRole('group', { name: 'In order of time' }).locator('tbody tr');
    expect((await rows.locator('.kind').allTextContents()).map((text) => text.split(/(?=high|critical)/))).toEqual([
      ['change'],
      ['GuardDuty finding', 'high'],
      ['alert', 'high'],
      ['update', 'critical'],
    ]);
    expect(await rows.first().textContent()).toContain(hostileTexts[0]);
    expect(await page.getByText('1 alert, and 1 update with this host.').count()).toBe(1);
    const entry = page.locator('.alert');
    expect(await entry.count()).toBe(1);
    expect(await entry.locator('summary').first().textContent()).toMatch(/^critical.*1 update/);
    await entry.locator('summary').first().click();
    const detail = entry.locator('.detail');
    expect(await detail.locator('.raised').textContent()).toBe('Raised from high to critical: a reason');
    expect(await detail.locator('.notes li').allTextContents()).toHaveLength(4);
    expect(await detail.getByText('E-mail of update 1').count()).toBe(1);
    expect(await accessibilityProblems(page)).toEqual([]);
    expect(await layoutProblems(page)).toEqual([]);
    await page.getByRole('link', { name: 'All alerts and hosts' }).click();
    // The parts of the page are drawn one after the other.
    await page.locator('#context', { hasText: 'are not in the report' }).waitFor();
    await page.locator('#alerts [role=img][aria-label*="Below: "]').first().waitFor();
    expect(await page.locator('#context').textContent()).toContain(
      '1 GuardDuty finding and 2 changes. A finding has the time at which it was last seen. 7 more are not in the report',
    );
    expect(await page.locator('#alerts [role=img]').first().getAttribute('aria-label')).toMatch(
      /^Alerts over time: 1 alert \(1 critical\).* Below: 1 GuardDuty finding and 0 changes\.$/,
    );
    expect(await page.evaluate(() => 'hacked' in globalThis)).toBe(false);
  });

  it('opens from each address, and the back button returns to the filters', async () => {
    const page = await open('all', { hash: '#level=high' });
    const before = await page.locator('.count').textContent();
    await page.locator('#pairs tbody a').first().scrollIntoViewIfNeeded();
    const scrolled = await page.evaluate(() => scrollY);
    await page.locator('#pairs tbody a').first().click();
    await page.locator('.host-view').waitFor();
    expect(new URL(page.url()).hash).toBe(host);
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Host 10.0.1.5');
    await page
      .locator('.host-view')
      .getByRole('group', { name: 'Pairs of this host' })
      .getByRole('link')
      .nth(1)
      .click();
    await page.locator('h2', { hasText: 'Host 10.0.2.7' }).waitFor();
    await page.goBack();
    await page.locator('h2', { hasText: 'Host 10.0.1.5' }).waitFor();
    await page.goBack();
    await page.locator('.host-view').waitFor({ state: 'detached' });
    expect(new URL(page.url()).hash).toBe('#level=high');
    expect(await page.locator('.count').textContent()).toBe(before);
    expect(await page.evaluate(() => scrollY)).toBe(scrolled);
    await page.goForward();
    await page.locator('.host-view').waitFor();
    await page.getByRole('link', { name: 'All alerts and hosts' }).click();
    expect(await page.locator('.count').textContent()).toBe(before);
  });

  it('links the addresses in the details of an alert', async () => {
    const page = await open('all', { hash: '#text=10.0.1.5' });
    await page.locator('.alert > summary').first().click();
    const links = page.locator('.detail .facts a.host');
    // The details are made when the alert opens.
    await links.first().waitFor();
    expect(await links.count()).toBeGreaterThan(0);
    const address = await links.first().textContent();
    await links.first().click();
    expect(await page.locator('.host-view h2').textContent()).toBe(`Host ${address}`);
  });

  it('shows an IPv6 host, and one that the report does not have', async () => {
    const page = await open('all', { hash: `#host=${encodeURIComponent(v6)}` });
    expect(await page.locator('.host-view h2').textContent()).toBe(`Host ${v6}`);
    expect(await page.locator('.host-view').textContent()).toContain('Sent 5 MB to 1 host');
    const other = await open('all', { hash: '#host=203.0.113.200' });
    const text = await other.locator('.host-view').textContent();
    expect(text).toContain('No alert names this host.');
    expect(text).toContain('No pair of this host is in the report.');
    expect(text).toContain('The report has no sums of this host by hour and port.');
  });

  it('says that pairs may be missing when the report does not have all pairs', async () => {
    const page = await open('part', { hash: host });
    expect(await page.locator('.host-view').textContent()).toContain('the report has 20 of 5,000 pairs');
  });

  it('has a command that runs as printed', async () => {
    process.chdir(temporaryFolder());
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${folder}/flows.log`, `${lineOf({ srcaddr: '10.0.1.5', dstaddr: '10.0.2.7', bytes: 1234 })}\n`);
    const page = await open('all', { hash: host });
    const [command] = shellCommands((await page.locator('.copied code').first().textContent())!);
    expect(command!.words.slice(0, 5)).toEqual(['npx', 'flow-sentinel', 'hunt', 'host', '10.0.1.5']);
    const { code, stdout } = await run(...command!.words.slice(2), '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject([{ direction: 'to', peer: '10.0.2.7', total_bytes: 1234 }]);
  });

  it('has no text that is cut off or stands on other text, at any width', async () => {
    const page = await open('all', { hash: host, width: 1280 });
    for (const width of [1280, 768, 375]) {
      await page.setViewportSize({ width, height: 900 });
      await drawn(page);
      expect(await layoutProblems(page), `${width} wide`).toEqual([]);
    }
  });

  it.each(byTier<('light' | 'dark')[]>(['light'], ['light', 'dark']))(
    'has no accessibility problems: %s',
    async (scheme) => {
      const page = await open('all', { hash: host, scheme });
      expect(await accessibilityProblems(page)).toEqual([]);
    },
  );

  it('shows a hostile address as text', async () => {
    const page = await open('hostile', { hash: `#host=${encodeURIComponent('<img src=x onerror=window.hacked=1>')}` });
    expect(await page.locator('.host-view h2').textContent()).toBe('Host <img src=x onerror=window.hacked=1>');
    expect(await page.evaluate(() => 'hacked' in globalThis)).toBe(false);
    expect(await page.locator('img').count()).toBe(0);
  });
});

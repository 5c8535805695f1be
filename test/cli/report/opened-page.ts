import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import type { BrowserContext, Page } from 'playwright-core';

export interface OpenedPage {
  readonly page: Page;
  /** What the page said on the console, threw, or asked for besides itself. */
  readonly problems: readonly string[];
}

export interface Looks {
  readonly width?: number;
  readonly scheme?: 'light' | 'dark';
  readonly hash?: string;
}

/** Opens a page as a file, as people do. */
export async function openPage(
  context: BrowserContext,
  file: string,
  { width = 1440, scheme = 'light', hash = '' }: Looks = {},
): Promise<OpenedPage> {
  const page = await context.newPage();
  await page.setViewportSize({ width, height: 900 });
  await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
  const problems: string[] = [];
  const url = pathToFileURL(file).href;
  page.on('console', (message) => problems.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => problems.push(String(error.stack)));
  page.on('request', (request) => {
    if (request.url() !== url) problems.push(`asked for ${request.url()}`);
  });
  await page.goto(`${url}${hash}`);
  await page.waitForSelector('footer');
  await drawn(page);
  return { page, problems };
}

/** Waits for the charts: they are drawn when their size is known, in the frame after. */
export async function drawn(page: Page): Promise<void> {
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
}

/** What axe finds, each with the elements. */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`);
}

/** Text that stands on other text, is cut off by what it is in, or reaches out of the page. */
export function layoutProblems(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    interface Box {
      readonly text: string;
      readonly owner: Element;
      readonly left: number;
      readonly right: number;
      readonly top: number;
      readonly bottom: number;
    }
    const problems: string[] = [];
    if (document.documentElement.scrollWidth > innerWidth) problems.push('the page scrolls sideways');
    const boxes: Box[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const owner = node.parentElement!;
      const text = node.textContent!.trim();
      if (text === '' || owner.closest('script, noscript, option, .hidden, .skip') || !owner.checkVisibility())
        continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const scroll = owner.closest('.scroll, pre')?.getBoundingClientRect();
      for (const { left, right, top, bottom, width } of range.getClientRects()) {
        if (width === 0) continue;
        const shown = { left: Math.max(left, scroll?.left ?? left), right: Math.min(right, scroll?.right ?? right) };
        if (shown.right <= shown.left || (scroll && (bottom > scroll.bottom || top < scroll.top))) continue;
        boxes.push({ text: text.slice(0, 40), owner, ...shown, top, bottom });
        if (shown.left < -1 || shown.right > innerWidth + 1) problems.push(`reaches out: ${text.slice(0, 40)}`);
        for (let around: Element | null = owner; around && !scroll; around = around.parentElement) {
          if (getComputedStyle(around).overflowX !== 'hidden') continue;
          const frame = around.getBoundingClientRect();
          const isCut =
            left < frame.left - 1 || right > frame.right + 1 || top < frame.top - 1 || bottom > frame.bottom + 1;
          if (isCut) problems.push(`is cut off: ${text.slice(0, 40)}`);
        }
      }
    }
    boxes.sort((a, b) => a.top - b.top);
    for (const [index, one] of boxes.entries()) {
      for (let next = index + 1; next < boxes.length && boxes[next]!.top < one.bottom - 3; next += 1) {
        const other = boxes[next]!;
        const isApart = one.right - 2 <= other.left || other.right - 2 <= one.left || one.owner === other.owner;
        if (!isApart) problems.push(`stand on each other: ${one.text} / ${other.text}`);
      }
    }
    return problems.slice(0, 10);
  });
}

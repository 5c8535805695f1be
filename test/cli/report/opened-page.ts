import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import type { Page } from 'playwright-core';

export interface Looks {
  readonly width?: number;
  readonly scheme?: 'light' | 'dark';
  readonly hash?: string;
}

/** A tab for one page after the other, because a new one is slow: its process compiles the script of the page again. */
export class Tab {
  readonly page: Page;
  /** What the pages said on the console, threw, or asked for besides themselves. */
  readonly problems: string[] = [];
  #url = '';

  constructor(page: Page) {
    this.page = page;
    page.on('console', (message) => this.problems.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => this.problems.push(String(error.stack)));
    page.on('request', (request) => {
      if (request.url() !== this.#url) this.problems.push(`asked for ${request.url()}`);
    });
  }

  /** Opens a page as a file, as people do. */
  async open(file: string, { width = 1440, scheme = 'light', hash = '' }: Looks = {}): Promise<void> {
    await this.page.setViewportSize({ width, height: 900 });
    await this.page.emulateMedia({ media: null, colorScheme: scheme, reducedMotion: 'reduce' });
    this.#url = pathToFileURL(file).href;
    await this.page.goto(`${this.#url}${hash}`);
    await this.page.waitForSelector('footer');
    await drawn(this.page);
  }

  /** Opens an empty page: the next report is then loaded again, and not only scrolled to its hash. */
  async leave(): Promise<void> {
    this.#url = 'about:blank';
    await this.page.goto(this.#url);
    await this.page.mouse.move(0, 0);
  }
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

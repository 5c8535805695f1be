import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/**
 * The program of Chromium; undefined if Chromium is missing, and then the tests that need it are skipped. In CI a missing
 * one is a failure.
 */
export const chromiumPath: string | undefined = locate();

function locate(): string | undefined {
  const path = process.env.CHROMIUM ?? '/usr/bin/chromium';
  if (existsSync(path)) return path;
  if (process.env.CI) throw new Error(`Chromium is missing at ${path}: .ci/run installs it`);
  process.stderr.write('Chromium is not here, so the tests of pages are skipped; CHROMIUM names another place.\n');
  return undefined;
}

/** Starts Chromium such that it talks with nobody by itself, and draws without the slow emulation of a graphics card. */
export function startChromium(executablePath: string): Promise<Browser> {
  const without = ['gpu', 'software-rasterizer', 'background-networking', 'component-update', 'sync', 'quic'];
  const args = ['--no-sandbox', '--no-first-run', ...without.map((what) => `--disable-${what}`)];
  return chromium.launch({ executablePath, args });
}

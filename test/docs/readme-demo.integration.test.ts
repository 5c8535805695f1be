import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { run } from '../../cli/program.ts';

const root = join(import.meta.dirname, '../..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const firstSession = readFileSync(join(root, 'docs/try/first-session.md'), 'utf8');

/** Returns the code blocks of one language in a page. */
const blocks = (page: string, language: string) =>
  [...page.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].flatMap(([, kind, text]) => (kind === language ? text! : []));

describe('the demo', () => {
  let printed = '';

  beforeAll(async () => {
    const spy = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
      printed += String(chunk);
      return true;
    });
    const code = await run(['demo']);
    spy.mockRestore();
    expect(code).toBe(0);
  });

  it('prints the e-mail that the README shows', () => {
    const shown = blocks(readme, '').find((block) => block.startsWith('Subject:'))!;
    expectLinesInOrder(shown, printed.replace(/^ {2}/gm, ''));
  });

  it('prints the records, pairs and alerts that the first session shows', () => {
    const shown = blocks(firstSession, '').find((block) => block.startsWith('Records'))!;
    expectLinesInOrder(shown, printed);
  });
});

/** Fails unless the text has each line that is shown, in the order shown; `...` and empty lines stand for any lines. */
function expectLinesInOrder(shown: string, text: string): void {
  let at = 0;
  for (const line of shown.split('\n').filter((one) => one.trim() !== '' && one.trim() !== '...')) {
    const found = text.indexOf(`${line}\n`, at);
    expect(found, `the demo prints ${JSON.stringify(line)}`).toBeGreaterThanOrEqual(at);
    at = found;
  }
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { run } from '../../cli/program.ts';

const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');
const blocks = (language: string) =>
  [...readme.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].flatMap(([, kind, text]) => (kind === language ? text! : []));

describe('the README', () => {
  it('shows what the demo prints', async () => {
    let printed = '';
    const spy = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
      printed += String(chunk);
      return true;
    });
    expect(await run(['demo'])).toBe(0);
    spy.mockRestore();
    const shown = blocks('').find((block) => block.startsWith('Records'))!;
    let at = 0;
    for (const line of shown.split('\n').filter((text) => text.trim() !== '' && text.trim() !== '...')) {
      const found = printed.indexOf(`${line}\n`, at);
      expect(found, `the demo prints ${JSON.stringify(line)}`).toBeGreaterThanOrEqual(at);
      at = found;
    }
  });
});

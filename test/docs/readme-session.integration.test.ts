import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { run as runProgram } from '../support/run-program.ts';

const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');
const blocks = (language: string) =>
  [...readme.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].flatMap(([, kind, text]) => (kind === language ? text! : []));

const afterAllTests: (() => void)[] = [];
afterAll(() => {
  for (const clean of afterAllTests) clean();
});

describe('the README', () => {
  it('shows what a first session prints', async () => {
    const session = blocks('').find((block) => block.startsWith('$ '))!;
    const folder = mkdtempSync(join(tmpdir(), 'flow-sentinel-readme-'));
    // What was started here, such as esbuild, goes on to run here.
    afterAllTests.push(() => rmSync(folder, { recursive: true }));
    const before = process.cwd();
    process.chdir(folder);
    try {
      for (const [, command, shown] of session.matchAll(/^\$ npx flow-sentinel (.*)\n((?:(?!\$ ).*\n)*)/gm)) {
        const words = [...command!.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare!);
        const { code, stdout, stderr } = await runProgram(...words);
        expect({ command, code, stderr }).toEqual({ command, code: 0, stderr: '' });
        const parts = shown!.split(/^\.\.\.\n/m).map((part) => part.trimEnd());
        let at = 0;
        for (const part of parts) {
          const found = stdout.indexOf(part, at);
          expect(found, `${command} prints ${JSON.stringify(part)}`).toBeGreaterThanOrEqual(at);
          at = found + part.length;
        }
      }
      expect(readFileSync('report.html', 'utf8')).toContain('</html>');
    } finally {
      process.chdir(before);
    }
  });
});

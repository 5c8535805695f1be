import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { run as runProgram } from '../support/run-program.ts';

const root = join(import.meta.dirname, '../..');
const firstSession = readFileSync(join(root, 'docs/try/first-session.md'), 'utf8');

/** Returns the code blocks of one language in a page. */
const blocks = (page: string, language: string) =>
  [...page.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].flatMap(([, kind, text]) => (kind === language ? text! : []));

const afterAllTests: (() => void)[] = [];
afterAll(() => {
  for (const clean of afterAllTests) clean();
});

describe('the first session', () => {
  it('prints what the page shows', async () => {
    const session = blocks(firstSession, '').find((block) => block.startsWith('$ '))!;
    const folder = mkdtempSync(join(tmpdir(), 'flow-sentinel-first-session-'));
    // The folder stays until the end: child processes that start here, such as esbuild, continue to run here.
    afterAllTests.push(() => rmSync(folder, { recursive: true }));
    const before = process.cwd();
    process.chdir(folder);
    try {
      for (const [, command, shown] of session.matchAll(/^\$ npx flow-sentinel (.*)\n((?:(?!\$ ).*\n)*)/gm)) {
        const words = [...command!.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare!);
        const { code, stdout, stderr } = await runProgram(...words);
        // A hunt says on standard error which flows the monitored networks leave out.
        const problems = stderr.replace(/^flow-sentinel: .*(?:flows left out|flows logged at both ends).*\n/gm, '');
        expect({ command, code, problems }).toEqual({ command, code: 0, problems: '' });
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

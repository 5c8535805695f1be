import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandsOfHelp, commandsOfPages, root } from './support/printed/collect-commands.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

/** The options and arguments of commands that name a file or a folder to write. */
const writingOptions = ['--report', '--alerts', '--output', '--out', '--keep', '--outputs-file', '--json'];

/** Returns the files that pages and help texts tell a reader to write into the checkout. */
async function filesToWrite(): Promise<string[]> {
  const commands = [...commandsOfPages(), ...(await commandsOfHelp())];
  const named = commands.flatMap(({ words, writes }) => [
    ...writes,
    ...words.filter((_, index) => writingOptions.includes(words[index - 1] ?? '')),
    ...(words.includes('make-logs') ? words.slice(-1) : []),
  ]);
  const files = new Set([...named, 'flow-sentinel-demo.html'].filter((name) => /^[\w-]+(?:\.\w+)?\/?$/.test(name)));
  return [...files].map((name) => (name.includes('.') ? name : join(name, 'written.json')));
}

describe('npm run lint', () => {
  it('reads no file that pages and help texts tell people to write', async () => {
    const files = await filesToWrite();
    expect(files).toEqual(
      expect.arrayContaining(['report.html', 'event.json', 'outputs.json', 'bench.json', 'flow-sentinel-demo.html']),
    );
    const folder = temporaryFolder();
    for (const name of ['biome.json', '.gitignore', 'package.json']) cpSync(join(root, name), join(folder, name));
    for (const file of files) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(
        join(folder, file),
        file.endsWith('.html') ? '<script>var a = 1; if (a == 2) {}</script>' : '{"a":1,\n"a":2}',
      );
    }
    const output = execFileSync(join(root, 'node_modules/.bin/biome'), ['ci', '--error-on-warnings'], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(output).toContain('Checked 2 files');
  });
});

import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const configuration = `export default {
  test: { projects: [
    { test: { name: 'unit', include: ['test/**/*.test.ts'], isolate: false } },
    { test: { name: 'integration', include: ['test/**/*.integration.test.ts'] } },
  ] },
};`;

/** Makes a small tree with one room, and a test of these expectations. */
export function treeWith(source: string, ...expectations: string[]): string {
  const root = temporaryFolder();
  const files = {
    'vitest.config.ts': configuration,
    'package.json': '{ "type": "module" }',
    'room/file.ts': source,
    'test/room/file.test.ts': `
      import { expect, it } from 'vitest';
      import { f } from '../../room/file.ts';
      it('holds', () => { ${expectations.join('; ')} });`,
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(root, name, '..'), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  symlinkSync(join(import.meta.dirname, '../../../node_modules'), join(root, 'node_modules'));
  return root;
}

/** A room with two faults of a boundary, and two of a number. */
export const limit = 'export const f = (n: number): boolean => n > 9;';

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSettings } from '../../lib/settings/read-settings.ts';

const docs = join(import.meta.dirname, '../../docs');
const pages = ['deploy/deploy.md', 'deploy/upgrade.md', 'contributing/release-checklist.md', 'operate/cost.md'].map(
  (page) => {
    return [page, readFileSync(join(docs, page), 'utf8')] as const;
  },
);
const { scripts } = JSON.parse(readFileSync(join(docs, '../package.json'), 'utf8')) as { scripts: object };

/** What a link calls a heading by. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\w\s-]/g, '')
    .trim()
    .replaceAll(' ', '-');
}

describe.each(pages)('docs/%s', (page, text) => {
  it('names scripts that there are', () => {
    const named = [...text.matchAll(/npm run (?:-s )?([\w-]+)/g)].map(([, name]) => name!);
    expect(named.length).toBeGreaterThan(0);
    for (const name of named) expect(scripts).toHaveProperty(name);
  });

  it('links to files and headings that there are', () => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)];
    expect(links.length).toBeGreaterThan(0);
    for (const [link, path, anchor] of links) {
      const file = path ? join(docs, dirname(page), path) : undefined;
      if (file) expect(existsSync(file), link).toBe(true);
      if (anchor === undefined) continue;
      const target = file ? readFileSync(file, 'utf8') : text;
      const headings = [...target.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => anchorOf(heading!));
      expect(headings, link).toContain(anchor);
    }
  });

  it('shows settings that there are', () => {
    const blocks = [...text.matchAll(/^```json\n([\s\S]*?)^```$/gm)].map(([, json]) => JSON.parse(json!) as object);
    for (const block of blocks.filter((one) => !('Version' in one))) {
      const file = 'stages' in block ? block : { stages: { default: block } };
      expect(() => readSettings({}, { path: 'flow-sentinel.json', text: JSON.stringify(file) })).not.toThrow();
    }
  });
});

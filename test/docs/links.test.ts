import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');

/** Every Markdown page of the repository, also one that is not committed yet. */
const pages = git('ls-files', '--cached', '--others', '--exclude-standard', '*.md').filter((page) =>
  existsSync(join(root, page)),
);

/** Files whose comments, messages or help texts name a page. */
const sources = git(
  'ls-files',
  '--cached',
  '--others',
  '--exclude-standard',
  '*.ts',
  '*.js',
  '*.yml',
  '.ci/run',
).filter((file) => existsSync(join(root, file)));

function git(...args: string[]): string[] {
  return execFileSync('git', args, { cwd: root, encoding: 'utf8' }).split('\n').filter(Boolean);
}

const textOf = (path: string) => readFileSync(join(root, path), 'utf8');

/** The page without its code: an example of a link is not a link. */
const prose = (text: string) => text.replace(/^ *```[\s\S]*?^ *```$/gm, '').replace(/`[^`\n]*`/g, '');

/** The anchors of a page's headings, as GitHub makes them: the second of two equal headings ends in `-1`. */
function anchorsOf(text: string): string[] {
  const counts = new Map<string, number>();
  return [...text.replace(/^ *```[\s\S]*?^ *```$/gm, '').matchAll(/^#+ (.*)$/gm)].map(([, heading]) => {
    const anchor = heading!
      .toLowerCase()
      .replace(/[^\w\s-]/g, '')
      .trim()
      .replaceAll(' ', '-');
    const count = counts.get(anchor) ?? 0;
    counts.set(anchor, count + 1);
    return count === 0 ? anchor : `${anchor}-${count}`;
  });
}

/** Returns the links of a page whose file or heading is missing. */
function brokenLinks(page: string): string[] {
  const links = [...prose(textOf(page)).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)]*))?\)/g)];
  return links.flatMap(([link, path, anchor]) => {
    const file = path ? join(dirname(page), path) : page;
    if (!existsSync(join(root, file))) return [`${page}: ${link}: the file is missing`];
    if (anchor === undefined || anchorsOf(textOf(file)).includes(anchor)) return [];
    return [`${page}: ${link}: the heading is missing`];
  });
}

describe('links between pages', () => {
  it.each(pages)('%s links only to files and headings that exist', (page) => {
    expect(brokenLinks(page)).toEqual([]);
  });

  it('reads headings as GitHub does, and no links in code', () => {
    expect(anchorsOf('# One, two\n```\n# not\n```\n## One two\n')).toEqual(['one-two', 'one-two-1']);
    expect(prose('a `[b](c)` d\n```\n[e](f)\n```\n')).toBe('a  d\n\n');
  });
});

describe('pages that the code names', () => {
  it('finds each page and heading that the code names', () => {
    const broken = sources.flatMap((file) =>
      [...textOf(file).matchAll(/\bdocs\/[\w/-]+\.(?:md|json|svg)(?:#([\w-]+))?/g)].flatMap(([name, anchor]) => {
        const path = name.replace(/#.*/, '');
        if (!existsSync(join(root, path))) return [`${file}: ${name}`];
        return anchor && !anchorsOf(textOf(path)).includes(anchor) ? [`${file}: ${name}`] : [];
      }),
    );
    expect(broken).toEqual([]);
  });
});

describe('files that pages name', () => {
  it('finds each source file that a page names', () => {
    const path =
      /`((?:bin|cli|docs|emulators|events|lambda|lib|rules|sigma|test|tools)\/[\w./-]+\.(?:ts|js|json|yml|md|svg))`/g;
    // The changelog names files of older versions.
    const broken = pages
      .filter((page) => page !== 'CHANGELOG.md')
      .flatMap((page) => [...textOf(page).matchAll(path)].map(([, file]) => [page, file!] as const))
      .filter(([, file]) => !file.includes('NAME') && !existsSync(join(root, file)))
      .map(([page, file]) => `${page}: ${file}`);
    expect(broken).toEqual([]);
  });
});

describe('docs/README.md', () => {
  it('lists every page of docs/ in its index', () => {
    const index = textOf('docs/README.md');
    const listed = [...index.matchAll(/\]\(([^)#\s]+)/g)].map(([, path]) => join('docs', path!));
    const missing = pages.filter(
      (page) => page.startsWith('docs/') && !page.startsWith('docs/decisions/') && page !== 'docs/README.md',
    );
    expect(missing.filter((page) => !listed.includes(page))).toEqual([]);
  });
});

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const textOf = (path: string) => readFileSync(join(root, path), 'utf8');

/** docs/contributing/style.md has the rules; its block `banned` is the list. */
const banned = /^```banned\n([\s\S]*?)^```$/m.exec(textOf('docs/contributing/style.md'))![1]!.trim().split('\n');

const sourceFolders = ['bin', 'cli', 'emulators', 'events', 'lambda', 'lib', 'sigma', 'tools'];
const files = git(...sourceFolders.map((folder) => `${folder}/**/*.ts`), 'README.md', 'docs/**/*.md', 'rules/**/*.yml');
const notChecked = new Set(['docs/contributing/style.md', 'docs/contributing/moved.md']);
const checked = files.filter((file) => !notChecked.has(file) && existsSync(join(root, file)));
const pages = checked.filter((file) => file.endsWith('.md'));
const sources = checked.filter((file) => file.endsWith('.ts'));

function git(...patterns: string[]): string[] {
  const globs = patterns.map((pattern) => `:(glob)${pattern}`);
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', ...globs];
  return execFileSync('git', args, { cwd: root, encoding: 'utf8' }).split('\n').filter(Boolean);
}

/** A phrase also counts across a line break, also in a comment; a hyphen makes another word of it. */
const phrase = new RegExp(`(?<![\\w-])(?:${banned.map(patternOf).join('|')})(?![\\w-])`, 'gi');

/** Returns the pattern of one line of the list: a phrase, or `phrase (not: a longer phrase)`. */
function patternOf(line: string): string {
  const [, words = line, longer = words] = /^(.*) \(not: (.*)\)$/.exec(line) ?? [];
  const spaced = (text: string) => text.replaceAll(' ', '\\s+');
  const [before = '', after = ''] = longer.split(words).map(spaced);
  return `${before && `(?<!${before})`}${spaced(words)}${after && `(?!${after})`}`;
}

/** Returns `line: phrase` for each banned phrase of a text. */
function bannedIn(text: string): string[] {
  // The marks at the beginning of a line become spaces, so that offsets and line numbers stay.
  const prose = text.replace(/^[ \t]*(?:\/?\*+|\/\/|#|>|-)(?=\s)/gm, (mark) => ' '.repeat(mark.length));
  return [...prose.matchAll(phrase)].map(({ 0: found, index }) => {
    return `${lineOf(text, index)}: ${found.replace(/\s+/g, ' ')}`;
  });
}

const lineOf = (text: string, offset: number) => text.slice(0, offset).split('\n').length;

const maxWords = 25;

/**
 * Returns `words: beginning` for each sentence of a text that is too long. A colon or a semicolon ends a sentence here,
 * and a sentence with five commas or more is a list.
 */
function longSentences(text: string): string[] {
  return text
    .replace(/`[^`]*`/g, 'code')
    .replace(/\]\([^)]*\)/g, ']')
    .split(/(?<=[.!?:;])[)"*]*\s+/)
    .map((sentence) => ({ sentence, words: sentence.split(/\s+/).filter((word) => /\w/.test(word)).length }))
    .filter(({ sentence, words }) => words > maxWords && sentence.split(',').length <= 5)
    .map(({ sentence, words }) => `${words} words: ${sentence.trim().replace(/\s+/g, ' ').slice(0, 60)}`);
}

/** Returns `line: words: beginning` for each long sentence of a page. */
function longSentencesIn(page: string): string[] {
  const withoutCode = page.replace(/^ *```[\s\S]*?^ *```$/gm, (code) => code.replace(/[^\n]/g, ''));
  return paragraphsOf(withoutCode).flatMap(({ text, line }) => longSentences(text).map((found) => `${line}: ${found}`));
}

/** Returns `line: words: beginning` for each long sentence of the docstrings of a source file. */
function longSentencesInDocstrings(source: string): string[] {
  return [...source.matchAll(/\/\*\*([\s\S]*?)\*\//g)].flatMap(({ 1: body, index }) => {
    const prose = body!.replace(/^[ \t]*\*/gm, '').replace(/```[\s\S]*?```/g, '');
    const blocks = prose.split(/\n\s*\n|\s+(?=@\w)|\n\s*(?=-\s|\d+\.\s)/);
    return blocks.flatMap(longSentences).map((found) => `${lineOf(source, index)}: ${found}`);
  });
}

/** The paragraphs and list items of a page, with the line where each begins; without tables and headings. */
function paragraphsOf(page: string): { text: string; line: number }[] {
  const paragraphs: { text: string; line: number }[] = [];
  let isOpen = false;
  for (const [index, line] of page.split('\n').entries()) {
    if (line.trim() === '' || /^\s*[|#<]/.test(line)) {
      isOpen = false;
    } else if (isOpen && !/^\s*([-*]|\d+\.)\s/.test(line)) {
      paragraphs.at(-1)!.text += ` ${line.trim()}`;
    } else {
      paragraphs.push({ text: line.trim(), line: index + 1 });
      isOpen = true;
    }
  }
  return paragraphs;
}

/** Returns `file:find` for each find in the files. */
const findsIn = (paths: readonly string[], find: (text: string) => string[]) =>
  paths.flatMap((path) => find(textOf(path)).map((found) => `${path}:${found}`));

describe('plain English', () => {
  it('has no banned phrase in sources, rules and pages', () => {
    expect(findsIn(checked, bannedIn)).toEqual([]);
  });

  it(`has no sentence of more than ${maxWords} words in pages`, () => {
    expect(findsIn(pages, longSentencesIn)).toEqual([]);
  });

  it(`has no sentence of more than ${maxWords} words in docstrings`, () => {
    expect(findsIn(sources, longSentencesInDocstrings)).toEqual([]);
  });

  it('checks every folder of sources, the README, pages and rules', () => {
    for (const start of [...sourceFolders, 'docs', 'rules', 'README.md']) {
      expect(checked.some((file) => file.startsWith(start))).toBe(true);
    }
  });

  it('finds a banned phrase across lines of a comment, and no part of a longer word', () => {
    expect(banned.length).toBeGreaterThan(30);
    expect(bannedIn('const a = 1;\n/** Counts them in\n * vain. */\n')).toEqual(['2: in vain']);
    expect(bannedIn('// Put\n// off: no\n')).toEqual(['1: Put off']);
    expect(bannedIn('It is none. There is none, and of nothing but names.')).toEqual(['1: is none']);
    expect(bannedIn('a-rule-judges-several, is none-the-wiser, renewed')).toEqual([]);
  });

  it('finds a long sentence, but not in code or in a list', () => {
    const words = (count: number, between = ' ') => Array.from({ length: count }, () => 'word').join(between);
    expect(longSentencesInDocstrings(`/**\n * One.\n *\n * ${words(13)}\n * ${words(13)}. */`)).toHaveLength(1);
    expect(longSentencesInDocstrings(`/**\n * ${words(20)}\n * @param ${words(20)}\n */`)).toEqual([]);
    expect(longSentencesIn(`One. ${words(26)}. Two.`)).toHaveLength(1);
    expect(longSentencesIn(`${words(25)}.\n\`\`\`\n${words(30)}\n\`\`\`\n${words(30, ', ')}.\n`)).toEqual([]);
  });
});

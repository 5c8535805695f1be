import {
  type Document,
  isAlias,
  isCollection,
  isPair,
  isScalar,
  isMap as isYamlMap,
  LineCounter,
  type Node,
  parseAllDocuments,
  type Range,
  visit,
  type YAMLParseError,
} from 'yaml';
import type { ZodType, z } from 'zod';
import { shapeProblem } from './schema-error.ts';

/** The text of a file that people write. */
export interface SourceFile {
  /** The path that messages show. */
  readonly path: string;
  readonly text: string;
}

/** Returns the name of a file's rule: the file's name without folder and `.yml`. */
export function ruleNameOf(file: string): string {
  return file.replace(/^.*[/\\]/, '').replace(/\.ya?ml$/i, '');
}

/** Compares two problems, each `file:line: text`, by file and line. */
export function byLocation(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

/** Returns whether a value of a document is a map. */
export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The path to a value of a document: keys and indexes from the top. */
export type YamlPath = readonly (string | number)[];

/** One YAML document of a file, with the lines of its values. */
export interface SourceDocument {
  readonly file: string;
  readonly value: unknown;
  /** Formats a problem with the value at a path, as `file:line: text`. */
  problem(path: YamlPath, text: string): string;
}

/** Returns the location of a value in its file, as `file:line`. */
export function sourceLocation(document: Pick<SourceDocument, 'problem'>, path: YamlPath): string {
  return document.problem(path, '').replace(/: $/, '');
}

/** The YAML documents of a file, and as problems those that are not valid YAML. */
interface ReadDocuments {
  documents: SourceDocument[];
  problems: string[];
}

/** The documents of files that are in use: a check of rules reads a file for the compiler and for two lints. */
const parsedFiles = new WeakMap<SourceFile, ReadDocuments>();

/**
 * Reads the YAML documents of a file. Documents that are not valid YAML are returned as problems. Parses a file once, if it
 * is given as the same object.
 */
export function readDocuments(file: SourceFile): ReadDocuments {
  const read = parsedFiles.get(file) ?? parseDocuments(file);
  parsedFiles.set(file, read);
  // Callers add further problems to the list.
  return { documents: [...read.documents], problems: [...read.problems] };
}

function parseDocuments(file: SourceFile): ReadDocuments {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(file.text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number) => `${file.path}:${lines.linePos(offset).line}`;
  if (parsed.length === 0) return { documents: [], problems: [`${file.path}:1: the file is empty`] };
  const problems = parsed.flatMap((document) =>
    document.errors.map((error) => `${at(error.pos[0])}: ${textOf(error)}`),
  );
  if (problems.length > 0) return { documents: [], problems: [...new Set(problems)] };
  const documents: SourceDocument[] = [];
  for (const document of parsed) {
    const invalid = invalidNodes(document);
    problems.push(...invalid.map(({ offset, problem }) => `${at(offset)}: ${problem}`));
    if (invalid.length > 0) continue;
    keepSpelling(document);
    try {
      documents.push({
        file: file.path,
        value: document.toJS({ maxAliasCount: 100 }),
        problem: (path, text) => `${at(offsetOf(document, path))}: ${text}`,
      });
    } catch (error) {
      problems.push(`${at(document.range[0])}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { documents, problems };
}

/** Returns the parser's message, except for YAML that exceeds the parser's nesting limit. */
function textOf(error: YAMLParseError): string {
  return error.code === 'RESOURCE_EXHAUSTION' ? 'lists and maps are nested too deeply' : error.message.split('\n')[0]!;
}

/** Finds nodes that cannot be converted: empty documents, reserved keys and keys that are not text, undefined aliases. */
function invalidNodes(document: Document.Parsed): { offset: number; problem: string }[] {
  const found: { offset: number; problem: string }[] = [];
  const anchors = new Set<string>();
  const { contents } = document;
  const report = (node: { range?: Range | null | undefined }, problem: string) =>
    found.push({ offset: node.range?.[0] ?? document.range[0], problem });
  if (contents === null || (isScalar(contents) && contents.value === null)) {
    report(contents ?? document, 'the document is empty; remove the --- before it');
  }
  visit(document, {
    Pair(_, { key }) {
      if (isCollection(key)) report(key, 'a key must be text, got a list or a map');
      else if (isScalar(key) && key.value === null) report(key, 'a key must be text, got nothing');
      else if (isScalar(key) && key.value === '__proto__') report(key, 'a key cannot be named __proto__');
    },
    Node(_, node) {
      if (!isAlias(node)) anchors.add(node.anchor ?? '');
      else if (!anchors.has(node.source))
        report(node, `the alias *${node.source} is undefined: no anchor &${node.source} precedes it`);
    },
  });
  return found;
}

/**
 * Turns a number of a detection or filter into text if its spelling would change: `10.0` for the start of an address,
 * `.5` for its end, an account that starts with 0.
 */
function keepSpelling({ contents }: Document.Parsed): void {
  if (!isYamlMap(contents)) return;
  for (const { key, value } of contents.items) {
    if (isScalar(key) && (key.value === 'detection' || key.value === 'filter')) keepSpellingOf(value);
  }
}

function keepSpellingOf(block: Node | null): void {
  visit(block, {
    Scalar(_, node, path) {
      if (typeof node.value !== 'number' || node.source === undefined || String(node.value) === node.source) return;
      const isCompared = path.some(
        (parent) => isPair(parent) && isScalar(parent.key) && /\|[gl]te?(?:\||$)/.test(String(parent.key.value)),
      );
      if (!isCompared) node.value = node.source;
    },
  });
}

/**
 * Checks a document against a schema.
 *
 * @param problems receives each mistake, as `file:line: text`
 * @returns undefined for an invalid document
 */
export function checkShape<T extends ZodType>(
  document: SourceDocument,
  schema: T,
  problems: string[],
): z.infer<T> | undefined {
  const checked = schema.safeParse(document.value, { error: shapeProblem });
  if (checked.success) return checked.data;
  const mistyped = new Set<string>();
  for (const issue of checked.error.issues) {
    const path = issue.path.map((key) => (typeof key === 'number' ? key : String(key)));
    const place = path.length > 0 ? `${path.join('.')}: ` : '';
    // A value of the wrong type is reported once, and not also as too long.
    const isReported = mistyped.has(place);
    if (issue.code === 'invalid_type') mistyped.add(place);
    if (isReported) continue;
    if (issue.code === 'unrecognized_keys') {
      // A schema may name the keys that it has.
      const known = issue.message.startsWith('expected ') ? `, ${issue.message}` : '';
      for (const key of issue.keys)
        problems.push(document.problem([...path, key], `${place}${key} is not supported${known}`));
    } else {
      problems.push(document.problem(path, `${place}${issue.message}`));
    }
  }
  return undefined;
}

/** Returns where the key or node at a path begins; without such a node, its nearest parent. */
function offsetOf(document: Document.Parsed, path: YamlPath): number {
  for (let length = path.length; length > 0; length -= 1) {
    const parent: unknown = document.getIn(path.slice(0, length - 1), true);
    const key = path[length - 1];
    const pairs = (parent as { items?: { key?: { value?: unknown; range?: [number, number, number] } }[] } | undefined)
      ?.items;
    const range = pairs?.find((item) => item?.key?.value === key)?.key?.range;
    if (range) return range[0];
    const node = document.getIn(path.slice(0, length), true) as { range?: [number, number, number] } | undefined;
    if (node?.range) return node.range[0];
  }
  return document.contents?.range?.[0] ?? document.range[0];
}

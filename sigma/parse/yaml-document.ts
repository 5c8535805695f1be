import {
  type Document,
  isAlias,
  isCollection,
  isPair,
  isScalar,
  LineCounter,
  parseAllDocuments,
  type Range,
  visit,
  type YAMLParseError,
} from 'yaml';
import type { ZodType, z } from 'zod';
import { shapeProblem } from './schema-error.ts';

/** A file that people write, as it was read. */
export interface SourceFile {
  /** The path to name in messages. */
  readonly path: string;
  readonly text: string;
}

/** The name of a file's rule: the file's own, without folder and `.yml`. */
export function ruleNameOf(file: string): string {
  return file.replace(/^.*[/\\]/, '').replace(/\.ya?ml$/i, '');
}

/** Puts problems, each `file:line: text`, into the order of files and lines. */
export function byLocation(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

/** Whether a value of a document is a map. */
export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Where in a document a value stands: keys and indexes from its top. */
export type YamlPath = readonly (string | number)[];

/** One YAML document of a file, which can say on which line a value stands. */
export interface SourceDocument {
  readonly file: string;
  readonly value: unknown;
  /** What is wrong at a place, as `file:line: text`. */
  problem(path: YamlPath, text: string): string;
}

/** Where in a file a value of the document stands, as `file:line`. */
export function sourceLocation(document: Pick<SourceDocument, 'problem'>, path: YamlPath): string {
  return document.problem(path, '').replace(/: $/, '');
}

/** Reads the YAML documents of a file; what is no YAML comes back as problems. */
export function readDocuments(file: SourceFile): { documents: SourceDocument[]; problems: string[] } {
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
    const unfit = unfitNodes(document);
    problems.push(...unfit.map(({ offset, problem }) => `${at(offset)}: ${problem}`));
    if (unfit.length > 0) continue;
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

/** The parser's own words, but for what is nested so deeply that it gave up. */
function textOf(error: YAMLParseError): string {
  return error.code === 'RESOURCE_EXHAUSTION' ? 'lists and maps are nested too deeply' : error.message.split('\n')[0]!;
}

/** What becomes no value: a document of nothing, keys that objects do not keep or that are no text, unknown aliases. */
function unfitNodes(document: Document.Parsed): { offset: number; problem: string }[] {
  const found: { offset: number; problem: string }[] = [];
  const anchors = new Set<string>();
  const { contents } = document;
  const report = (node: { range?: Range | null | undefined }, problem: string) =>
    found.push({ offset: node.range?.[0] ?? document.range[0], problem });
  if (contents === null || (isScalar(contents) && contents.value === null)) {
    report(contents ?? document, 'nothing stands here; remove the --- before it');
  }
  visit(document, {
    Pair(_, { key }) {
      if (isCollection(key)) report(key, 'a key is a name, got a list or a map');
      else if (isScalar(key) && key.value === null) report(key, 'a key is a name, got none');
      else if (isScalar(key) && key.value === '__proto__') report(key, 'a key cannot be named __proto__');
    },
    Node(_, node) {
      if (!isAlias(node)) anchors.add(node.anchor ?? '');
      else if (!anchors.has(node.source))
        report(node, `*${node.source} stands for nothing: no &${node.source} is before it`);
    },
  });
  return found;
}

/**
 * Turns a number of a detection or filter into text where writing it would not give what was written: `10.0` for the start of an address, `.5` for
 * its end, an account that starts with 0.
 */
function keepSpelling(document: Document.Parsed): void {
  visit(document, {
    Scalar(_, node, path) {
      const isCompared = path.some(
        (parent) => isPair(parent) && isScalar(parent.key) && /\|[gl]te?(?:\||$)/.test(String(parent.key.value)),
      );
      const isWithinDetection = path.some(
        (parent) =>
          isPair(parent) && isScalar(parent.key) && ['detection', 'filter'].includes(String(parent.key.value)),
      );
      if (
        isWithinDetection &&
        !isCompared &&
        typeof node.value === 'number' &&
        node.source !== undefined &&
        String(node.value) !== node.source
      ) {
        node.value = node.source;
      }
    },
  });
}

/** Checks a document's shape; what does not fit is added to the problems, each with its line. */
export function checkShape<T extends ZodType>(
  document: SourceDocument,
  schema: T,
  problems: string[],
): z.infer<T> | undefined {
  const checked = schema.safeParse(document.value, { error: shapeProblem });
  if (checked.success) return checked.data;
  const told = new Set<string>();
  for (const issue of checked.error.issues) {
    const path = issue.path.map((key) => (typeof key === 'number' ? key : String(key)));
    const place = path.length > 0 ? `${path.join('.')}: ` : '';
    // What is of the wrong type is told as that, and not also as too long.
    const isTold = told.has(place);
    if (issue.code === 'invalid_type') told.add(place);
    if (isTold) continue;
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) problems.push(document.problem([...path, key], `${place}${key} is not supported`));
    } else {
      problems.push(document.problem(path, `${place}${issue.message}`));
    }
  }
  return undefined;
}

/** Where the node at the path starts; where there is none, the nearest that holds it. A key's line is its value's. */
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

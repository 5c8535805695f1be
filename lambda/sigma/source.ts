import { type Document, isPair, isScalar, LineCounter, parseAllDocuments, visit } from 'yaml';
import type { ZodType, z } from 'zod';

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

/** Where in a document a value stands: keys and indexes from its top. */
export type Path = readonly (string | number)[];

/** One YAML document of a file, which can say on which line a value stands. */
export interface SourceDocument {
  readonly file: string;
  readonly value: unknown;
  /** What is wrong at a place, as `file:line: text`. */
  problem(path: Path, text: string): string;
}

/** Where in a file a value of the document stands, as `file:line`. */
export function placeOf(document: Pick<SourceDocument, 'problem'>, path: Path): string {
  return document.problem(path, '').replace(/: $/, '');
}

/** Reads the YAML documents of a file; what is no YAML comes back as problems. */
export function readDocuments(file: SourceFile): { documents: SourceDocument[]; problems: string[] } {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(file.text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number) => `${file.path}:${lines.linePos(offset).line}`;
  if (parsed.length === 0) return { documents: [], problems: [`${file.path}:1: the file is empty`] };
  const problems = parsed.flatMap((document) =>
    document.errors.map((error) => `${at(error.pos[0])}: ${error.message.split('\n')[0]}`),
  );
  if (problems.length > 0) return { documents: [], problems };
  const documents: SourceDocument[] = [];
  for (const document of parsed) {
    const hostile = hostileKey(document);
    if (hostile !== undefined) problems.push(`${at(hostile)}: a key cannot be named __proto__`);
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

/** Where a key stands that objects do not keep, and that would be passed over unseen. */
function hostileKey(document: Document.Parsed): number | undefined {
  let offset: number | undefined;
  visit(document, {
    Pair(_, { key }) {
      if (isScalar(key) && key.value === '__proto__') offset = key.range?.[0];
    },
  });
  return offset;
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
  const checked = schema.safeParse(document.value);
  if (checked.success) return checked.data;
  for (const issue of checked.error.issues) {
    const path = issue.path.map((key) => (typeof key === 'number' ? key : String(key)));
    const place = path.length > 0 ? `${path.join('.')}: ` : '';
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) problems.push(document.problem([...path, key], `${place}${key} is not supported`));
    } else {
      problems.push(document.problem(path, `${place}${issue.message}`));
    }
  }
  return undefined;
}

/** Where the node at the path starts; where there is none, the nearest that holds it. A key's line is its value's. */
function offsetOf(document: Document.Parsed, path: Path): number {
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
